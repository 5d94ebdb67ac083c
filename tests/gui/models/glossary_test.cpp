// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/models/glossary.h"

#include <QTest>
#include <set>

#include "gui/models/packet_details.h"
#include "tests/gui/support/loading.h"
#include "tests/gui/support/suite.h"

namespace vsdump::gui {

class GlossaryTest : public QObject {
  Q_OBJECT

 private slots:
  void explainsEachWordOnce() {
    std::set<std::string_view> words;
    for (const GlossaryRow& row : glossary()) {
      QVERIFY(words.insert(row.word).second);
      QVERIFY(!row.meaning.empty() && meaningOf(row.word) == row.meaning);
    }
    QVERIFY(meaningOf("no such word").empty());
  }

  void explainsTheFieldsOfBothHeaders() {
    const Trace trace = traceOf("python-hello.pcap");
    const PacketBytes packet = trace.read(0);
    for (const DetailField& field :
         detailsOf(packet, trace.observation(0), &trace.connections()[0], trace.timeNs(0))) {
      const bool isOfHeader = field.length > 0 && field.depth == 1;
      if (!isOfHeader || field.name == "reserved") continue;
      QVERIFY2(!meaningOf(field.name.toStdString()).empty(), qPrintable(field.name));
    }
  }
};

}  // namespace vsdump::gui

VSDUMP_GUI_TEST(vsdump::gui::GlossaryTest)
#include "glossary_test.moc"
