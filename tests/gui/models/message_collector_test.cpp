// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/models/message_collector.h"

#include <QTest>

#include "capture/file/open.h"
#include "dissector/connection/tracker.h"
#include "tests/gui/support/loading.h"
#include "tests/gui/support/suite.h"

namespace vsdump::gui {

namespace {

/// Messages as `vsdump messages` gets them: decoded beside the tracker.
class Reference : private ConnectionConsumer, private payload::MessageConsumer {
 public:
  explicit Reference(const QString& sample) : tracker_(*this), reader_(*this) {
    const auto source = openCaptureFile(samplePath(sample).toStdString());
    for (bool isOver = false; !isOver;) {
      const auto batch = (*source)->read();
      if (!batch) break;
      for (const Frame& frame : batch->frames) {
        const Packet packet = dissect(frame);
        const Observation seen = tracker_.observe(frame, packet);
        reader_.take(frame, packet, seen, tracker_.current());
      }
      isOver = batch->state == SourceState::End || batch->state == SourceState::Damaged;
    }
    reader_.finish();
  }
  std::vector<MessageRow> messages;

 private:
  void ended(const Connection& connection) override { reader_.ended(connection.id); }
  void done(const payload::Message& message) override { messages.emplace_back(message); }

  ConnectionTracker tracker_;
  payload::MessageReader reader_;
};

template <typename Messages>
std::vector<std::string> linesOf(const Messages& messages) {
  std::vector<std::string> lines;
  for (const MessageRow& message : messages) {
    lines.push_back(std::to_string(raw(message.packet)) + ' ' +
                    std::to_string(raw(message.replyPacket)) + " #" +
                    std::to_string(raw(message.connection)) + ' ' + std::string(message.protocol) +
                    ' ' + message.request + ": " + message.reply + ' ' +
                    std::to_string(message.latencyNs.value_or(0)));
  }
  return lines;
}

}  // namespace

class MessageCollectorTest : public QObject {
  Q_OBJECT

 private slots:
  void findsWhatVsdumpMessagesFinds() {
    std::size_t all = 0;
    for (const QString& name : sampleNames()) {
      const Trace trace = traceOf(name);
      MessageCollector collector;
      collector.take(trace, {});
      collector.finish();
      const auto& messages = collector.messages().rows;
      all += messages.size();
      QVERIFY2(linesOf(messages) == linesOf(Reference(name).messages), qPrintable(name));
    }
    QVERIFY(all > 20);
  }

  void goesOnWhereTheTraceHasGrown() {
    auto updates = updatesOf("http.pcap", 4);
    Trace trace = Trace::opened();
    MessageCollector collector;
    for (TraceUpdate& update : updates) {
      trace.apply(std::move(update));
      collector.take(trace, {});
      QCOMPARE(collector.taken(), trace.packetCount());
    }
    collector.finish();
    QVERIFY(linesOf(collector.messages().rows) == linesOf(Reference("http.pcap").messages));
    MessageCollector atOnce;
    atOnce.take(trace, {});
    QVERIFY(*collector.messages().completions == *atOnce.messages().completions);
  }

  void takesNothingWhenItIsStopped() {
    std::stop_source stop;
    stop.request_stop();
    MessageCollector collector;
    collector.take(traceOf("http.pcap"), stop.get_token());
    QCOMPARE(collector.taken(), std::size_t{0});
    QVERIFY(collector.messages().rows.empty() && !collector.isFinished());
  }
};

}  // namespace vsdump::gui

VSDUMP_GUI_TEST(vsdump::gui::MessageCollectorTest)
#include "message_collector_test.moc"
