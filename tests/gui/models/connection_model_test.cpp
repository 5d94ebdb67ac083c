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
  static std::vector<std::uint32_t> idsOf(const ConnectionModel& model) {
    std::vector<std::uint32_t> ids;
    for (int row = 0; row < model.rowCount(); ++row) ids.push_back(raw(model.at(row).id));
    return ids;
  }
};

}  // namespace vsdump::gui

VSDUMP_GUI_TEST(vsdump::gui::ConnectionModelTest)
#include "connection_model_test.moc"
