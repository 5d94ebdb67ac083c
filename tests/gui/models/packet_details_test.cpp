// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/models/packet_details.h"

#include <QTest>
#include <algorithm>

#include "dissector/filter/filter.h"
#include "tests/gui/support/loading.h"
#include "tests/gui/support/suite.h"

namespace vsdump::gui {

namespace {

std::vector<DetailField> detailsOf(const Trace& trace, Row row) {
  const Observation& seen = trace.observation(row);
  return detailsOf(trace.read(row), seen, trace.connection(seen.connection), trace.timeNs(0));
}

}  // namespace

class PacketDetailsTest : public QObject {
  Q_OBJECT

 private slots:
  void namesFieldsAndTheirBytes_data() {
    QTest::addColumn<int>("row");
    QTest::addColumn<QString>("heading");
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("value");
    QTest::addColumn<int>("offset");
    QTest::addColumn<int>("length");
    QTest::newRow("CID") << 0 << "vsockmon header"
                         << "src_cid"
                         << "1 (local)" << 0 << 8;
    QTest::newRow("port") << 0 << "vsockmon header"
                          << "dst_port"
                          << "1234" << 20 << 4;
    QTest::newRow("op") << 0 << "virtio header"
                        << "op"
                        << "REQUEST (1)" << 62 << 2;
    QTest::newRow("buffer") << 0 << "virtio header"
                            << "buf_alloc"
                            << "262144" << 68 << 4;
    QTest::newRow("flags") << 6 << "virtio header"
                           << "flags"
                           << "0x3 (RCV SEND)" << 64 << 4;
    QTest::newRow("direction") << 1 << "Connection"
                               << "direction"
                               << "to client" << 0 << 0;
    QTest::newRow("payload") << 2 << "Payload"
                             << "Payload"
                             << "14 bytes" << 76 << 14;
  }
  void namesFieldsAndTheirBytes() {
    QFETCH(int, row);
    QFETCH(QString, heading);
    QFETCH(QString, name);
    QFETCH(QString, value);
    QFETCH(int, offset);
    QFETCH(int, length);
    const auto fields = detailsOf(traceOf("python-hello.pcap"), static_cast<Row>(row));
    const auto below = std::ranges::find(fields, heading, &DetailField::name);
    QVERIFY(below != fields.end());
    const auto field =
        std::find_if(below, fields.end(), [&](const DetailField& one) { return one.name == name; });
    QVERIFY(field != fields.end());
    QCOMPARE(field->value, value);
    QCOMPARE(field->offset, static_cast<std::size_t>(offset));
    QCOMPARE(field->length, static_cast<std::size_t>(length));
  }

  void staysInsideTheRecordOfEverySample() {
    for (const QString& name : sampleNames()) {
      const Trace trace = traceOf(name);
      for (Row row = 0; row < trace.packetCount(); ++row) {
        const std::size_t size = trace.read(row).bytes.size();
        for (const DetailField& field : detailsOf(trace, row)) {
          QVERIFY(field.offset + field.length <= size);
          QVERIFY(!field.name.isEmpty());
        }
      }
    }
  }

  void offersFiltersThatSelectThePacket() {
    const Trace trace = traceOf("socat.pcap");
    int count = 0;
    for (Row row = 0; row < trace.packetCount(); ++row) {
      const PacketBytes packet = trace.read(row);
      for (const DetailField& field :
           detailsOf(packet, trace.observation(row), nullptr, trace.timeNs(0))) {
        if (field.filter.isEmpty()) continue;
        const auto filter = filter::parse(field.filter.toStdString());
        QVERIFY2(filter && filter->matches(packet.frame, {}), qPrintable(field.filter));
        ++count;
      }
    }
    QVERIFY(count > 100);
  }
};

}  // namespace vsdump::gui

VSDUMP_GUI_TEST(vsdump::gui::PacketDetailsTest)
#include "packet_details_test.moc"
