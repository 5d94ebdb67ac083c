// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/models/trace_loader.h"

#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>

#include "capture/file/open.h"
#include "tests/gui/support/loading.h"
#include "tests/gui/support/suite.h"

namespace vsdump::gui {

class TraceLoaderTest : public QObject {
  Q_OBJECT

 private slots:
  void givesEveryPacketBackByteForByte_data() { addSamples(); }
  void givesEveryPacketBackByteForByte() {
    QFETCH(QString, sample);
    const Loaded loaded = load(samplePath(sample));
    QCOMPARE(loaded.ending, TraceLoader::Ending::Whole);
    expectSamePackets(loaded.trace, samplePath(sample));
  }

  void readsCompressedFilesFromASpool_data() {
    QTest::addColumn<QString>("program");
    QTest::addColumn<QString>("suffix");
    QTest::newRow("gzip") << "gzip"
                          << ".gz";
    QTest::newRow("zstd") << "zstd"
                          << ".zst";
  }
  void readsCompressedFilesFromASpool() {
    QFETCH(QString, program);
    QFETCH(QString, suffix);
    QTemporaryDir folder;
    const QString plain = folder.filePath("copy.pcap");
    QVERIFY(QFile::copy(samplePath("parallel.pcap"), plain));
    QCOMPARE(QProcess::execute(program, {"-q", "-k", plain}), 0);
    expectSamePackets(load(plain + suffix).trace, plain);
  }

  void tellsWhatIsWrongWithWhatIsNoCapture_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("said");
    QTest::newRow("nothing there") << "missing.pcap"
                                   << "No such file";
    QTest::newRow("a folder") << "."
                              << "irectory";
    QTest::newRow("text") << "text.pcap"
                          << "text.pcap";
  }
  void tellsWhatIsWrongWithWhatIsNoCapture() {
    QFETCH(QString, name);
    QFETCH(QString, said);
    QTemporaryDir folder;
    QFile text(folder.filePath("text.pcap"));
    QVERIFY(text.open(QIODevice::WriteOnly));
    text.write("this is no capture file at all, only a few words\n");
    text.close();
    const Loaded loaded = load(folder.filePath(name));
    QCOMPARE(loaded.ending, TraceLoader::Ending::Failed);
    QVERIFY2(loaded.message.contains(said), qPrintable(loaded.message));
    QCOMPARE(loaded.updates, std::size_t{0});
  }

  void keepsWhatCameBeforeADamage() {
    QTemporaryDir folder;
    const QString path = folder.filePath("cut.pcap");
    QVERIFY(QFile::copy(samplePath("socat.pcap"), path));
    QVERIFY(QFile::resize(path, QFile(path).size() - 10));
    const Loaded loaded = load(path);
    QCOMPARE(loaded.ending, TraceLoader::Ending::Damaged);
    QCOMPARE(loaded.trace.packetCount(), traceOf("socat.pcap").packetCount() - 1);
    QCOMPARE(loaded.notices.size(), 1);
  }

  void stopsSoonAndKeepsWhatItHasRead() {
    QTemporaryDir folder;
    const QString path = folder.filePath("long.pcap");
    writeLong(path, 200);
    TraceLoader loader;
    Trace trace;
    bool isEnded = false;
    connect(
        &loader, &TraceLoader::opened, this,
        [&] {
          trace = Trace::opened();
          loader.stop();
        },
        Qt::QueuedConnection);
    connect(
        &loader, &TraceLoader::updated, this,
        [&](const auto& update) { trace.apply(std::move(*update)); }, Qt::QueuedConnection);
    connect(
        &loader, &TraceLoader::ended, this,
        [&](TraceLoader::Ending ending) {
          QVERIFY(ending == TraceLoader::Ending::Stopped || ending == TraceLoader::Ending::Whole);
          isEnded = true;
        },
        Qt::QueuedConnection);
    loader.open(path.toStdString());
    QTRY_VERIFY_WITH_TIMEOUT(isEnded, 60'000);
    for (Row row = 0; row < trace.packetCount(); row += 1000) {
      QCOMPARE(std::size_t{trace.number(row)}, std::size_t{row} + 1);
    }
  }

  void isDestroyedWhileItReads() {
    QTemporaryDir folder;
    const QString path = folder.filePath("long.pcap");
    writeLong(path, 200);
    for (int i = 0; i < 20; ++i) {
      TraceLoader loader;
      loader.open(path.toStdString());
      QTest::qWait(i % 5);
    }
  }

  void fillsSeveralChunks() {
    QTemporaryDir folder;
    const QString path = folder.filePath("long.pcap");
    writeLong(path, 20'000);
    const Loaded loaded = load(path);
    QCOMPARE(loaded.ending, TraceLoader::Ending::Whole);
    QCOMPARE(loaded.trace.packetCount(), std::size_t{20'000} * 9);
    for (const std::size_t row :
         {std::size_t{0}, PacketChunk::kRows - 1, PacketChunk::kRows, 2 * PacketChunk::kRows + 5}) {
      const auto number = FrameNumber{loaded.trace.number(static_cast<Row>(row))};
      QCOMPARE(raw(number), std::uint64_t{row} + 1);
      QCOMPARE(loaded.trace.rowOf(number), row);
    }
  }

 private:
  static void addSamples() {
    QTest::addColumn<QString>("sample");
    for (const QString& name : sampleNames()) QTest::newRow(qPrintable(name)) << name;
  }

  /// The packets of a sample over and over.
  static void writeLong(const QString& path, int times) {
    QFile sample(samplePath("python-hello.pcap"));
    QVERIFY(sample.open(QIODevice::ReadOnly));
    const QByteArray header = sample.read(24);
    const QByteArray records = sample.readAll();
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(header);
    for (int i = 0; i < times; ++i) file.write(records);
  }
};

}  // namespace vsdump::gui

VSDUMP_GUI_TEST(vsdump::gui::TraceLoaderTest)
#include "trace_loader_test.moc"
