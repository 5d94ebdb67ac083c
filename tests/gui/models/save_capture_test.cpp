// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/models/save_capture.h"

#include <sys/stat.h>

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include "gui/models/trace_builder.h"
#include "tests/gui/support/loading.h"
#include "tests/gui/support/suite.h"

namespace vsdump::gui {

class SaveCaptureTest : public QObject {
  Q_OBJECT

 private slots:
  void savesAllPacketsByteForByte_data() {
    QTest::addColumn<QString>("sample");
    QTest::addColumn<QString>("name");
    QTest::newRow("pcap") << "parallel.pcap"
                          << "saved.pcapng";
    QTest::newRow("pcapng") << "two-devices.pcapng"
                            << "saved.pcapng";
    QTest::newRow("compressed") << "parallel.pcap"
                                << "saved.pcapng.zst";
  }
  void savesAllPacketsByteForByte() {
    QFETCH(QString, sample);
    QFETCH(QString, name);
    const Trace trace = traceOf(sample);
    const QString path = folder_.filePath(name);
    QCOMPARE(save(trace, {}, path), trace.packetCount());
    const Loaded saved = load(path);
    QCOMPARE(saved.ending, TraceLoader::Ending::Whole);
    expectSamePackets(saved.trace, samplePath(sample));
    QCOMPARE(saved.trace.connections().size(), trace.connections().size());
    // Nothing of another name is left.
    QCOMPARE(QDir(folder_.path()).entryList(QDir::Files), QStringList{name});
    QVERIFY(QFile::remove(path));
  }

  void savesThePacketsOfAPredicate() {
    const Trace trace = traceOf("parallel.pcap");
    const auto rows = std::make_shared<const std::vector<Row>>(std::vector<Row>{3, 10, 70});
    const QString path = folder_.filePath("some.pcapng");
    QCOMPARE(save(trace, predicateOf(rows), path), std::size_t{3});
    const Trace saved = load(path).trace;
    QCOMPARE(saved.packetCount(), std::size_t{3});
    for (Row i = 0; i < 3; ++i) QVERIFY(saved.read(i).bytes == trace.read((*rows)[i]).bytes);
    QVERIFY(QFile::remove(path));
    QVERIFY(!predicateOf(nullptr));
  }

  void keepsCommentsInterfacesAndCounters() {
    const auto spool = *FrameStore::spool(QDir::tempPath().toStdString());
    TraceBuilder builder(spool);
    TraceSource source{.store = spool};
    source.interface.name = "vsockmon0";
    source.interface.nanoseconds = true;
    source.interface.statistics.dropped = 7;
    builder.describe({source});
    const std::vector<std::byte> record(80);
    const std::vector<Frame> frames{
        {.bytes = record, .timestampNs = 1'000'000'001, .number = FrameNumber{1}},
        {.bytes = record, .timestampNs = 1'000'000'002, .number = FrameNumber{2}}};
    std::vector<Comment> comments{{.frame = {}, .text = "of all"},
                                  {.frame = FrameNumber{1}, .text = "first"},
                                  {.frame = FrameNumber{2}, .text = "second"}};
    QVERIFY(builder.take({.frames = frames}, std::move(comments)).has_value());
    Trace trace = Trace::opened();
    trace.apply(*builder.takeUpdate());
    const QString path = folder_.filePath("comments.pcapng");
    QCOMPARE(save(
                 trace, [](Row row) { return row == 1; }, path),
             std::size_t{1});
    const Trace saved = load(path).trace;
    QCOMPARE(saved.comments().size(), std::size_t{1});
    QCOMPARE(saved.comments()[0].text, std::string("second"));
    QCOMPARE(saved.remarks().size(), std::size_t{1});
    QCOMPARE(saved.remarks()[0], std::string("of all"));
    QCOMPARE(saved.timeNs(0), std::int64_t{1'000'000'002});
    QCOMPARE(saved.sources()[0].interface.name, std::string("vsockmon0"));
    QCOMPARE(saved.sources()[0].interface.statistics.dropped, std::optional<std::uint64_t>(7));
    QVERIFY(QFile::remove(path));
  }

  void tellsSourcesApart() {
    const Loaded both =
        loadBeside(traceOf("parallel.pcap"), {.name = samplePath("socat.pcap").toStdString()});
    const QString path = folder_.filePath("both.pcapng");
    QCOMPARE(save(both.trace, {}, path), both.trace.packetCount());
    const Trace saved = load(path).trace;
    QCOMPARE(saved.sources().size(), std::size_t{2});
    QCOMPARE(saved.sources()[1].interface.name, std::string("socat.pcap"));
    for (Row row = 0; row < saved.packetCount(); ++row) {
      QCOMPARE(saved.sourceOf(row), both.trace.sourceOf(row));
    }
    QVERIFY(QFile::remove(path));
  }

  void mayReplaceTheFileThatItReads() {
    const QString path = folder_.filePath("own.pcap");
    QVERIFY(QFile::copy(samplePath("vsock-test.pcap"), path));
    QCOMPARE(::chmod(path.toUtf8().constData(), 0640), 0);
    const Trace trace = load(path).trace;
    QCOMPARE(save(trace, {}, path), trace.packetCount());
    expectSamePackets(load(path).trace, samplePath("vsock-test.pcap"));
    struct stat status {};
    QCOMPARE(::stat(path.toUtf8().constData(), &status), 0);
    QCOMPARE(status.st_mode & 0777U, 0640U);
    QVERIFY(QFile::remove(path));
  }

  void leavesNothingWhenItIsStopped() {
    std::stop_source source;
    source.request_stop();
    std::atomic<double> progress = 0;
    const auto saved =
        saveCapture(traceOf("socat.pcap"), {}, folder_.filePath("stopped.pcapng").toStdString(),
                    progress, source.get_token());
    QCOMPARE(*saved, std::size_t{0});
    QVERIFY(QDir(folder_.path()).isEmpty());
  }

  void saysWhereItCannotWrite() {
    std::atomic<double> progress = 0;
    const auto saved =
        saveCapture(traceOf("socat.pcap"), {}, "/nonexistent/x.pcapng", progress, {});
    QVERIFY(!saved.has_value());
    QVERIFY(describe(saved.error()).find("/nonexistent/x.pcapng: No such") != std::string::npos);
  }

 private:
  static std::size_t save(const Trace& trace, const RowPredicate& isWanted, const QString& path) {
    std::atomic<double> progress = 0;
    const auto saved = saveCapture(trace, isWanted, path.toStdString(), progress, {});
    return saved ? *saved : 0;
  }

  QTemporaryDir folder_;
};

}  // namespace vsdump::gui

VSDUMP_GUI_TEST(vsdump::gui::SaveCaptureTest)
#include "save_capture_test.moc"
