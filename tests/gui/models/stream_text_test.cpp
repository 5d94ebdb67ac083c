// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/models/stream_text.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include "gui/models/selection.h"
#include "tests/gui/support/loading.h"
#include "tests/gui/support/suite.h"

namespace vsdump::gui {

namespace {

StreamContents streamOf(const Trace& trace, ConnectionId id, StreamForm form,
                        StreamBounds bounds = {}) {
  return streamOf(trace, *rowsOf(trace, {raw(id)}, nullptr, {}), form, bounds);
}

QByteArray saved(const Trace& trace, Direction direction) {
  QTemporaryDir folder;
  const QString path = folder.filePath("stream");
  if (!saveStream(trace, ConnectionId{0}, direction, path.toStdString(), {})) return "failed";
  QFile file(path);
  return file.open(QIODevice::ReadOnly) ? file.readAll() : "unreadable";
}

}  // namespace

class StreamTextTest : public QObject {
  Q_OBJECT

 private slots:
  void showsBothWaysInOrder() {
    const Trace trace = traceOf("python-hello.pcap");
    const StreamContents contents = streamOf(trace, ConnectionId{0}, StreamForm::Text);
    QCOMPARE(contents.pieces.size(), std::size_t{2});
    QCOMPARE(contents.pieces[0].text, "Hello, vsock!\n");
    QVERIFY(contents.pieces[0].direction == Direction::ToServer);
    QCOMPARE(contents.pieces[1].text, "Hello yourself.\n");
    QVERIFY(contents.pieces[1].direction == Direction::ToClient);
    QCOMPARE(contents.bytes, std::uint64_t{30});
    QCOMPARE(contents.shownBytes, std::uint64_t{30});
  }

  void escapesWhatCouldMoveOrHideText() {
    const Trace trace = traceOf("tls.pcap");
    for (const StreamPiece& piece : streamOf(trace, ConnectionId{0}, StreamForm::Text).pieces) {
      for (const QChar character : piece.text) {
        QVERIFY(character == '\n' || character.unicode() >= ' ');
      }
    }
  }

  void showsHexWithOffsetsOfTheStream() {
    const Trace trace = traceOf("python-hello.pcap");
    const StreamContents contents = streamOf(trace, ConnectionId{0}, StreamForm::Hex);
    QCOMPARE(contents.pieces[0].text,
             "000000  48 65 6c 6c 6f 2c 20 76  73 6f 63 6b 21 0a        Hello, vsock!.\n");
  }

  void stopsAtItsBoundAndCountsTheRest() {
    const Trace trace = traceOf("nbd.pcap");
    const StreamContents whole = streamOf(trace, ConnectionId{0}, StreamForm::Hex);
    QVERIFY(whole.pieces.size() > 4);
    QCOMPARE(whole.shownBytes, whole.bytes);
    const StreamContents some =
        streamOf(trace, ConnectionId{0}, StreamForm::Hex, {.bytes = 1 << 20, .pieces = 3});
    QCOMPARE(some.pieces.size(), std::size_t{3});
    QCOMPARE(some.bytes, whole.bytes);
    QVERIFY(some.shownBytes < some.bytes);
  }

  void savesEachDirectionExactly() {
    const Trace trace = traceOf("python-hello.pcap");
    QCOMPARE(saved(trace, Direction::ToServer), "Hello, vsock!\n");
    QCOMPARE(saved(trace, Direction::ToClient), "Hello yourself.\n");
  }

  void savesAsManyBytesAsWereCountedOnKernelsThatTapTooMuch() {
    for (const char* name : {"split-6.1.pcap", "split-6.12.pcap"}) {
      const Trace trace = traceOf(name);
      for (const Direction direction : {Direction::ToServer, Direction::ToClient}) {
        std::uint64_t captured = 0;
        const Rows rows = *rowsOf(trace, {0}, nullptr, {});
        for (const Row row : *rows) {
          const PacketBytes read = trace.read(row);
          const Observation& seen = trace.observation(row);
          if (seen.direction == direction && !seen.isDuplicate) {
            captured += payloadOf(read.frame, read.packet, seen).size();
          }
        }
        QCOMPARE(static_cast<std::uint64_t>(saved(trace, direction).size()), captured);
      }
    }
  }

  void saysWhyNothingWasSaved() {
    const Trace trace = traceOf("python-hello.pcap");
    const auto result =
        saveStream(trace, ConnectionId{0}, Direction::ToServer, "/nonexistent/stream", {});
    QVERIFY(!result.has_value());
    QVERIFY(describe(result.error()).find("/nonexistent/stream") != std::string::npos);
  }

  void leavesNothingBehindWhenStopped() {
    QTemporaryDir folder;
    std::stop_source source;
    source.request_stop();
    QVERIFY(saveStream(traceOf("python-hello.pcap"), ConnectionId{0}, Direction::ToServer,
                       folder.filePath("stream").toStdString(), source.get_token())
                .has_value());
    QVERIFY(QDir(folder.path()).isEmpty());
  }
};

}  // namespace vsdump::gui

VSDUMP_GUI_TEST(vsdump::gui::StreamTextTest)
#include "stream_text_test.moc"
