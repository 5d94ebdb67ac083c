// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/models/finding_model.h"

#include <QAbstractItemModelTester>
#include <QTest>

#include "tests/gui/support/loading.h"
#include "tests/gui/support/suite.h"

namespace vsdump::gui {

class FindingModelTest : public QObject {
  Q_OBJECT

 private slots:
  void groupsAndRanksTheFindingsOfEverySample() {
    for (const QString& name : sampleNames()) {
      const Trace trace = traceOf(name);
      FindingModel model(trace);
      const QAbstractItemModelTester tester(&model,
                                            QAbstractItemModelTester::FailureReportingMode::QtTest);
      model.reset();
      std::uint64_t count = 0;
      int before = static_cast<int>(Severity::Error);
      for (int row = 0; row < model.rowCount(); ++row) {
        count += model.at(row).count;
        const int severity = model.index(row, 0).data(FindingModel::kSeverityRole).toInt();
        QVERIFY(severity <= before);
        before = severity;
        QVERIFY(!model.index(row, 0).data(Qt::ToolTipRole).toString().isEmpty());
      }
      QCOMPARE(count, std::uint64_t{trace.findings().size()});
    }
  }

  void saysWhichAndWhose() {
    const Trace trace = traceOf("credit-stall.pcap");
    FindingModel model(trace);
    model.reset();
    QCOMPARE(model.index(0, FindingModel::Code).data().toString(), "credit-stall");
    QCOMPARE(model.index(0, FindingModel::ConnectionColumn).data().toString(), "#0");
  }

  void takesWhatComesLater() {
    auto updates = updatesOf("vsock-test.pcap", 10);
    Trace trace = Trace::opened();
    FindingModel model(trace);
    const QAbstractItemModelTester tester(&model,
                                          QAbstractItemModelTester::FailureReportingMode::QtTest);
    for (TraceUpdate& update : updates) {
      trace.apply(std::move(update));
      model.refresh();
    }
    FindingModel whole(trace);
    whole.reset();
    QVERIFY(whole.rowCount() > 0);
    QCOMPARE(model.rowCount(), whole.rowCount());
    for (int row = 0; row < whole.rowCount(); ++row) {
      QCOMPARE(model.index(row, 0).data().toString(), whole.index(row, 0).data().toString());
    }
  }
};

}  // namespace vsdump::gui

VSDUMP_GUI_TEST(vsdump::gui::FindingModelTest)
#include "finding_model_test.moc"
