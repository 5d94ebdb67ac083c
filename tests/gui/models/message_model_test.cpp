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
    model_->show(collector.messages());
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
    const SharedVector<MessageRow>& rows = model_->shownMessages().rows;
    const StreamContents contents = streamOf(trace_, rows, ConnectionId{0});
    QCOMPARE(contents.messages, std::size_t{2});
    QCOMPARE(contents.pieces.size(), std::size_t{4});
    QVERIFY(contents.pieces[0].direction == Direction::ToServer);
    QVERIFY(contents.pieces[1].direction == Direction::ToClient);
    QVERIFY(contents.pieces[1].text.endsWith("bytes=28, 49.4 ms\n"));
    QCOMPARE(streamOf(trace_, rows, ConnectionId{0}, {.pieces = 3}).shownMessages, std::size_t{1});
  }

  void hasADotALatency() {
    const LatencyDots dots = dotsOf(trace_, model_->shownMessages(), {});
    QCOMPARE(dots.seconds.size(), std::size_t{3});
    QVERIFY(std::abs(dots.latencySeconds[0] - 0.0494) < 0.0001);
    model_->select(std::vector<std::uint32_t>{1}, std::nullopt);
    QCOMPARE(dotsOf(trace_, model_->shownMessages(), {}).seconds.size(), std::size_t{1});
    model_->reset();
    QVERIFY(dotsOf(trace_, model_->shownMessages(), {}).seconds.empty());
  }

  void choosesAndSortsManyBesideTheWindow() {
    constexpr std::size_t kMany = 3 * MessageModel::kAtOnce;
    Messages many;
    while (many.rows.size() < kMany)
      many.rows.append({model_->at(0), model_->at(1), model_->at(2)});
    MessageModel model(trace_);
    model.show(many);
    QCOMPARE(static_cast<std::size_t>(model.rowCount()), kMany);
    QCOMPARE(model.count(payload::Outcome::Error), kMany / 3);
    model.sort(MessageModel::Latency, Qt::AscendingOrder);
    QCOMPARE(model.at(2).request, model_->at(2).request);
    QTRY_VERIFY(!model.isArranging());
    for (int row = 1; row < model.rowCount(); ++row) {
      QVERIFY(model.at(row - 1).latencyNs <= model.at(row).latencyNs);
    }
    model.select(std::vector<std::uint32_t>{1}, std::nullopt);
    QCOMPARE(static_cast<std::size_t>(model.rowCount()), kMany);
    QTRY_COMPARE(static_cast<std::size_t>(model.rowCount()), kMany / 3);
    QVERIFY(model.count(payload::Outcome::Error) <= kMany / 3);
    // Those that come while others are chosen are chosen from as well.
    model.select(std::nullopt, std::nullopt);
    many.rows.append({model_->at(1)});
    model.show(many);
    QTRY_COMPARE(static_cast<std::size_t>(model.rowCount()), kMany + 1);
    QTRY_VERIFY(!model.isArranging());
    QCOMPARE(model.at(model.rowCount() - 1).request, model_->at(0).request);
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
