// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/models/packet_model.h"

#include <QAbstractItemModelTester>
#include <QTest>

#include "dissector/filter/filter.h"
#include "gui/models/selection.h"
#include "tests/gui/support/loading.h"
#include "tests/gui/support/suite.h"

namespace vsdump::gui {

class PacketModelTest : public QObject {
  Q_OBJECT

 private slots:
  void hasARowForEachPacketOfEverySample() {
    for (const QString& name : sampleNames()) {
      const Trace trace = traceOf(name);
      PacketModel model(trace, marks_);
      const QAbstractItemModelTester tester(&model,
                                            QAbstractItemModelTester::FailureReportingMode::QtTest);
      model.reset();
      QCOMPARE(static_cast<std::size_t>(model.rowCount()), trace.packetCount());
      for (int row = 0; row < model.rowCount(); ++row) {
        for (int column = 0; column < PacketModel::Info; ++column) {
          const bool mayBeEmpty = column == PacketModel::ConnectionColumn ||
                                  column == PacketModel::Source ||
                                  column == PacketModel::Destination;
          QVERIFY(mayBeEmpty || !model.index(row, column).data().toString().isEmpty());
        }
      }
    }
  }

  void showsWhatAPacketIs() {
    const Trace trace = traceOf("python-hello.pcap");
    PacketModel model(trace, marks_);
    model.reset();
    const auto cell = [&](int row, int column) {
      return model.index(row, column).data().toString();
    };
    QCOMPARE(cell(0, PacketModel::Op), "REQUEST");
    QCOMPARE(cell(0, PacketModel::Time), "0.000000");
    QCOMPARE(cell(0, PacketModel::Source), "local:3425355126");
    QCOMPARE(cell(0, PacketModel::Info), "buf_alloc 262144");
    QCOMPARE(cell(2, PacketModel::Length), "14");
    QCOMPARE(cell(2, PacketModel::Time), "0.007270");
    QCOMPARE(cell(6, PacketModel::Info), "RCV SEND");
    QCOMPARE(model.index(1, PacketModel::Op).data(PacketModel::kDirectionRole).toInt(),
             static_cast<int>(Direction::ToClient));
  }

  void namesFindingsWhereTheyWereBrought() {
    const Trace trace = traceOf("refused.pcap");
    PacketModel model(trace, marks_);
    model.reset();
    QCOMPARE(model.index(1, PacketModel::Info).data().toString(), "! connect-refused");
    QCOMPARE(model.index(1, PacketModel::Info).data(PacketModel::kSeverityRole).toInt(),
             static_cast<int>(Severity::Error));
    QVERIFY(!model.index(0, PacketModel::Info).data(PacketModel::kSeverityRole).isValid());
  }

  void namesWhatCannotBeDecoded() {
    const Trace trace = traceOf({std::vector(10, std::byte{1}), std::vector(32, std::byte{2})});
    PacketModel model(trace, marks_);
    model.reset();
    QCOMPARE(model.index(0, PacketModel::Op).data().toString(), "cut off");
    QCOMPARE(model.index(1, PacketModel::Op).data().toString(), "op 514");
    QCOMPARE(model.index(0, PacketModel::ConnectionColumn).data().toString(), "");
    QCOMPARE(model.index(0, PacketModel::Info).data().toString(), "! vsockmon-header-truncated");
  }

  void growsWithTheTrace() {
    auto updates = updatesOf("socat.pcap", 5);
    Trace trace = Trace::opened();
    PacketModel model(trace, marks_);
    const QAbstractItemModelTester tester(&model,
                                          QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.reset();
    for (TraceUpdate& update : updates) {
      trace.apply(std::move(update));
      model.grow();
      QCOMPARE(static_cast<std::size_t>(model.rowCount()), trace.packetCount());
    }
    QVERIFY(model.rowCount() > 20);
  }

  void showsSomePacketsOnly() {
    const Trace trace = traceOf("socat.pcap");
    PacketModel model(trace, marks_);
    const QAbstractItemModelTester tester(&model,
                                          QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.reset();
    model.select(std::make_shared<const std::vector<Row>>(std::vector<Row>{3, 5, 8}));
    QCOMPARE(model.rowCount(), 3);
    QCOMPARE(model.index(1, PacketModel::Number).data().toString(), "6");
    QCOMPARE(model.rowOf(8), 2);
    QCOMPARE(model.rowOf(4), -1);
    model.grow();
    QCOMPARE(model.rowCount(), 3);
    model.select(nullptr);
    QCOMPARE(static_cast<std::size_t>(model.rowCount()), trace.packetCount());
    QCOMPARE(model.rowOf(4), 4);
  }

  void offersFiltersThatSelectTheRow() {
    for (const char* name : {"python-hello.pcap", "hostile.pcap", "host-cid.pcap", "guest.pcap"}) {
      const Trace trace = traceOf(name);
      PacketModel model(trace, marks_);
      model.reset();
      for (int row = 0; row < model.rowCount(); ++row) {
        for (int column = 0; column < PacketModel::ColumnCount; ++column) {
          const QString text = model.index(row, column).data(PacketModel::kFilterRole).toString();
          if (text.isEmpty()) continue;
          const auto filter = filter::parse(text.toStdString());
          QVERIFY2(filter.has_value(), qPrintable(text));
          const auto selected = select(trace, *filter, std::nullopt, {});
          QVERIFY2(std::ranges::binary_search(*selected->rows, static_cast<Row>(row)),
                   qPrintable(QString::fromLatin1(name) + ": " + text));
        }
      }
    }
  }

 private:
  Marks marks_;
};

}  // namespace vsdump::gui

VSDUMP_GUI_TEST(vsdump::gui::PacketModelTest)
#include "packet_model_test.moc"
