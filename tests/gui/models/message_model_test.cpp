// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/models/message_model.h"

#include <QAbstractItemModelTester>
#include <QTest>

#include "tests/gui/support/loading.h"
#include "tests/gui/support/suite.h"

namespace vsdump::gui {

class MessageModelTest : public QObject {
  Q_OBJECT

 private slots:
  void init() {
    trace_ = traceOf("http.pcap");
    model_ = std::make_unique<MessageModel>(trace_);
    tester_ = std::make_unique<QAbstractItemModelTester>(
        model_.get(), QAbstractItemModelTester::FailureReportingMode::QtTest);
    MessageCollector collector;
    collector.take(trace_, {});
    collector.finish();
    model_->append(collector.takeNew());
  }

  void hasARowAMessage() {
    QCOMPARE(model_->rowCount(), 3);
    QCOMPARE(cell(0, MessageModel::Protocol), "http");
    QCOMPARE(cell(0, MessageModel::Request), "→ GET target=/page.txt host=127.0.0.1:8080");
    QCOMPARE(cell(0, MessageModel::Reply), "ok status=200 type=text/plain bytes=28");
    QCOMPARE(cell(0, MessageModel::Latency), "49.4 ms");
    QCOMPARE(model_->index(1, 0).data(MessageModel::kSeverityRole).toInt(),
             static_cast<int>(Severity::Error));
    QVERIFY(!model_->index(0, 0).data(MessageModel::kSeverityRole).isValid());
    QCOMPARE(model_->count(payload::Outcome::Error), std::size_t{1});
  }

  void sortsByEveryColumn() {
    for (int column = 0; column < MessageModel::ColumnCount; ++column) {
      model_->sort(column, Qt::AscendingOrder);
      const QString first = cell(0, column);
      model_->sort(column, Qt::DescendingOrder);
      QCOMPARE(cell(2, column), first);
    }
    model_->sort(MessageModel::Latency, Qt::DescendingOrder);
    QCOMPARE(cell(0, MessageModel::Latency), "49.4 ms");
    QCOMPARE(cell(2, MessageModel::Latency), "7.8 ms");
  }

  void showsSomeConnectionsAndTimesOnly() {
    model_->select(std::vector<std::uint32_t>{1}, std::nullopt);
    QCOMPARE(model_->rowCount(), 1);
    QCOMPARE(cell(0, MessageModel::ConnectionColumn), "1");
    model_->select(std::nullopt, std::nullopt);
    const std::int64_t second = model_->at(1).timeNs;
    model_->select(std::nullopt, TimeRange{.fromNs = second, .toNs = second});
    QCOMPARE(model_->rowCount(), 1);
    QVERIFY(cell(0, MessageModel::Request).contains("missing.txt"));
    model_->select(std::vector<std::uint32_t>{}, std::nullopt);
    QCOMPARE(model_->rowCount(), 0);
  }

  void tellsWhatAPacketCompletes() {
    QCOMPARE(model_->textOf(FrameNumber{3}), "GET target=/page.txt host=127.0.0.1:8080");
    QVERIFY(model_->textOf(FrameNumber{7}).endsWith("bytes=28, 49.4 ms"));
    QVERIFY(model_->textOf(FrameNumber{4}).isEmpty());
  }

  void tellsAConnectionAsAText() {
    const StreamContents contents = model_->streamOf(ConnectionId{0});
    QCOMPARE(contents.messages, std::size_t{2});
    QCOMPARE(contents.pieces.size(), std::size_t{4});
    QVERIFY(contents.pieces[0].direction == Direction::ToServer);
    QVERIFY(contents.pieces[1].direction == Direction::ToClient);
    QVERIFY(contents.pieces[1].text.endsWith("bytes=28, 49.4 ms\n"));
    QCOMPARE(model_->streamOf(ConnectionId{0}, {.pieces = 3}).shownMessages, std::size_t{1});
  }

  void hasADotALatency() {
    const MessageModel::Dots dots = model_->dots();
    QCOMPARE(dots.seconds.size(), std::size_t{3});
    QVERIFY(std::abs(dots.latencySeconds[0] - 0.0494) < 0.0001);
    model_->reset();
    QVERIFY(model_->dots().seconds.empty());
  }

 private:
  QString cell(int row, int column) const {
    return model_->index(row, column).data(Qt::DisplayRole).toString();
  }

  Trace trace_;
  std::unique_ptr<MessageModel> model_;
  std::unique_ptr<QAbstractItemModelTester> tester_;
};

}  // namespace vsdump::gui

VSDUMP_GUI_TEST(vsdump::gui::MessageModelTest)
#include "message_model_test.moc"
