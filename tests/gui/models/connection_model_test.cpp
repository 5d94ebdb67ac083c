// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/models/connection_model.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTest>
#include <set>

#include "dissector/filter/filter.h"
#include "gui/models/text.h"
#include "tests/gui/support/loading.h"
#include "tests/gui/support/suite.h"

namespace vsdump::gui {

class ConnectionModelTest : public QObject {
  Q_OBJECT

 private slots:
  void hasARowForEachConnection() {
    const Trace trace = traceOf("parallel.pcap");
    ConnectionModel model(trace);
    const QAbstractItemModelTester tester(&model,
                                          QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.reset();
    QVERIFY(model.rowCount() > 3);
    QCOMPARE(static_cast<std::size_t>(model.rowCount()), trace.connections().size());
  }

  void saysWhatTheLibraryKnows() {
    const Trace trace = traceOf("refused.pcap");
    ConnectionModel model(trace);
    model.reset();
    const auto cell = [&](int column) { return model.index(0, column).data().toString(); };
    QCOMPARE(cell(ConnectionModel::State), "refused");
    QCOMPARE(cell(ConnectionModel::Client), "local:4210773682");
    QCOMPARE(cell(ConnectionModel::Server), "local:4321");
    QCOMPARE(cell(ConnectionModel::Finding), "connect-refused");
    QCOMPARE(cell(ConnectionModel::ToServer), "0 B");
    QCOMPARE(cell(ConnectionModel::Handshake), "");
    const QModelIndex finding = model.index(0, ConnectionModel::Finding);
    QCOMPARE(finding.data(ConnectionModel::kSeverityRole).toInt(),
             static_cast<int>(Severity::Error));
    QVERIFY(finding.data(Qt::ToolTipRole).toString().startsWith("connect-refused: "));
  }

  void showsWhoClosedAndGuessesOfServices() {
    const Trace trace = traceOf("python-hello.pcap");
    ConnectionModel model(trace);
    model.reset();
    QCOMPARE(model.index(0, ConnectionModel::State).data().toString(), "closed by client");
    QCOMPARE(model.index(0, ConnectionModel::Service).data().toString(), "vsock-test?");
    QCOMPARE(model.index(0, ConnectionModel::ToServer).data().toString(), "14 B");
    QCOMPARE(model.index(0, ConnectionModel::ToClient).data().toString(), "16 B");
  }

  void sortsByEveryColumnBothWays_data() {
    QTest::addColumn<int>("column");
    for (int column = 0; column < ConnectionModel::ColumnCount; ++column) {
      QTest::addRow("column %d", column) << column;
    }
  }
  void sortsByEveryColumnBothWays() {
    QFETCH(int, column);
    const Trace trace = traceOf("vsock-test.pcap");
    ConnectionModel model(trace);
    const QAbstractItemModelTester tester(&model,
                                          QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.reset();
    model.sort(column, Qt::AscendingOrder);
    const std::vector<std::uint32_t> up = idsOf(model);
    QCOMPARE(std::set(up.begin(), up.end()).size(), trace.connections().size());
    if (column == ConnectionModel::ToServer) {
      for (int row = 1; row < model.rowCount(); ++row) {
        QVERIFY(model.at(row - 1).ways[0].bytes <= model.at(row).ways[0].bytes);
      }
    }
    model.sort(column, Qt::DescendingOrder);
    const auto cell = [&](int row) { return model.index(row, column).data().toString(); };
    const QString last = cell(model.rowCount() - 1);
    model.sort(column, Qt::AscendingOrder);
    QCOMPARE(cell(0), last);
  }

  void keepsPersistentIndexesWhenItSorts() {
    const Trace trace = traceOf("parallel.pcap");
    ConnectionModel model(trace);
    model.reset();
    const QPersistentModelIndex index = model.index(1, ConnectionModel::Id);
    const QString before = index.data().toString();
    model.sort(ConnectionModel::Id, Qt::DescendingOrder);
    QCOMPARE(index.data().toString(), before);
    QCOMPARE(index.row(), model.rowCount() - 2);
  }

  void growsWithTheTrace() {
    auto updates = updatesOf("vsock-test.pcap", 8);
    Trace trace = Trace::opened();
    ConnectionModel model(trace);
    const QAbstractItemModelTester tester(&model,
                                          QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.reset();
    const QSignalSpy inserted(&model, &QAbstractItemModel::rowsInserted);
    for (TraceUpdate& update : updates) {
      trace.apply(std::move(update));
      model.refresh();
      QCOMPARE(static_cast<std::size_t>(model.rowCount()), trace.connections().size());
    }
    QVERIFY(inserted.count() > 1);
  }

  void showsSomeConnectionsOnly() {
    const Trace trace = traceOf("parallel.pcap");
    ConnectionModel model(trace);
    const QAbstractItemModelTester tester(&model,
                                          QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.reset();
    model.select(std::vector<std::uint32_t>{0, 2});
    QCOMPARE(idsOf(model), (std::vector<std::uint32_t>{0, 2}));
    QCOMPARE(model.rowOf(ConnectionId{2}), 1);
    QCOMPARE(model.rowOf(ConnectionId{1}), -1);
    model.select(std::nullopt);
    QCOMPARE(static_cast<std::size_t>(model.rowCount()), trace.connections().size());
  }

  void sortsManyBesideTheWindow() {
    const Trace trace = traceOfMany();
    ConnectionModel model(trace);
    model.reset();
    QVERIFY(model.isArranging());
    QCOMPARE(model.rowCount(), 0);
    QTRY_COMPARE(model.rowCount(), kMany);
    const QPersistentModelIndex index = model.index(1, ConnectionModel::Id);
    const QString id = index.data().toString();
    const QSignalSpy changed(&model, &QAbstractItemModel::layoutChanged);
    model.sort(ConnectionModel::Client, Qt::DescendingOrder);
    QCOMPARE(changed.count(), 0);  // nothing yet
    QCOMPARE(model.at(0).id, ConnectionId{0});
    QTRY_COMPARE(changed.count(), 1);
    QVERIFY(!model.isArranging());
    for (int row = 1; row < kMany; ++row) {
      QVERIFY(model.at(row - 1).client.port >= model.at(row).client.port);
    }
    QCOMPARE(index.data().toString(), id);
    QCOMPARE(index.row(), model.rowOf(ConnectionId{1}));
  }

  void forgetsAnOrderThatIsNotWantedAnyMore() {
    const Trace trace = traceOfMany();
    ConnectionModel model(trace);
    model.reset();
    model.sort(ConnectionModel::Client, Qt::AscendingOrder);
    model.sort(ConnectionModel::Id, Qt::DescendingOrder);
    const QSignalSpy changed(&model, &QAbstractItemModel::modelReset);
    QTRY_VERIFY(!model.isArranging());
    QCOMPARE(changed.count(), 1);  // of the first order nothing is seen
    QCOMPARE(model.at(0).id, ConnectionId{static_cast<std::uint32_t>(kMany - 1)});
    model.sort(ConnectionModel::Client, Qt::AscendingOrder);
    model.select(std::vector<std::uint32_t>{5, 7});
    QTRY_VERIFY(!model.isArranging());
    QCOMPARE(static_cast<std::size_t>(model.rowCount()), std::size_t{2});
  }

  void keepsRowsThatComeWhileItSorts() {
    Trace trace = traceOfMany();
    ConnectionModel model(trace);
    model.reset();
    QTRY_VERIFY(!model.isArranging());
    model.sort(ConnectionModel::Id, Qt::DescendingOrder);
    TraceUpdate update;
    update.packets = trace.packetCount();
    update.connections.push_back(trace.connections().front());
    update.connections.front().id = ConnectionId{static_cast<std::uint32_t>(kMany)};
    trace.apply(std::move(update));
    model.refresh();
    QCOMPARE(model.rowCount(), kMany + 1);
    QCOMPARE(model.rowOf(ConnectionId{static_cast<std::uint32_t>(kMany)}), kMany);
    QTRY_VERIFY(!model.isArranging());
    QCOMPARE(model.rowOf(ConnectionId{0}), kMany - 1);
    QCOMPARE(model.rowOf(ConnectionId{static_cast<std::uint32_t>(kMany)}), kMany);
    model.arrange();
    QTRY_COMPARE(model.rowOf(ConnectionId{static_cast<std::uint32_t>(kMany)}), 0);
  }

  void offersFiltersThatSelectTheRow() {
    for (const QString& name : sampleNames()) {
      const Trace trace = traceOf(name);
      ConnectionModel model(trace);
      model.reset();
      for (int row = 0; row < model.rowCount(); ++row) {
        for (int column = 0; column < ConnectionModel::ColumnCount; ++column) {
          const QString text =
              model.index(row, column).data(ConnectionModel::kFilterRole).toString();
          QVERIFY2(filter::parse(text.toStdString()).has_value(), qPrintable(text));
        }
      }
    }
  }

 private:
  static constexpr int kMany = 3 * static_cast<int>(ConnectionModel::kAtOnce);

  /// One with more connections than are sorted at once.
  static Trace traceOfMany() {
    const Trace sample = traceOf("refused.pcap");
    TraceUpdate update;
    update.packets = sample.packetCount();
    for (std::uint32_t id = 0; id < kMany; ++id) {
      update.connections.push_back(sample.connections().front());
      update.connections.back().id = ConnectionId{id};
      update.connections.back().client.port = Port{id * 7919 % kMany};
    }
    Trace trace = Trace::opened();
    trace.apply(std::move(update));
    return trace;
  }

  static std::vector<std::uint32_t> idsOf(const ConnectionModel& model) {
    std::vector<std::uint32_t> ids;
    for (int row = 0; row < model.rowCount(); ++row) ids.push_back(raw(model.at(row).id));
    return ids;
  }
};

}  // namespace vsdump::gui

VSDUMP_GUI_TEST(vsdump::gui::ConnectionModelTest)
#include "connection_model_test.moc"
