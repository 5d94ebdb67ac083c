// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/models/filter_words.h"

#include <QTest>

#include "dissector/filter/filter.h"
#include "tests/gui/support/suite.h"

namespace vsdump::gui {

class FilterWordsTest : public QObject {
  Q_OBJECT

 private slots:
  void completesTheLastWord_data() {
    QTest::addColumn<QString>("typed");
    QTest::addColumn<QString>("offered");
    QTest::newRow("first word") << "por"
                                << "port";
    QTest::newRow("after and") << "port 22 and pay"
                               << "port 22 and payload";
    QTest::newRow("op") << "op res"
                        << "op response";
    QTest::newRow("op's value") << "op rs"
                                << "op rst";
    QTest::newRow("state") << "state ref"
                           << "state refused";
    QTest::newRow("finding") << "finding credit-st"
                             << "finding credit-stall";
    QTest::newRow("in a group") << "(por"
                                << "(port";
    QTest::newRow("type") << "not type seq"
                          << "not type seqpacket";
  }
  void completesTheLastWord() {
    QFETCH(QString, typed);
    QFETCH(QString, offered);
    QVERIFY2(completionsOf(typed).contains(offered), qPrintable(completionsOf(typed).join('|')));
  }

  void offersNothingWhereNothingIsTyped() {
    QVERIFY(completionsOf("").isEmpty());
    QVERIFY(completionsOf("port ").isEmpty());
    QVERIFY(completionsOf("xyz").isEmpty());
  }

  void offersEveryWordOfAnOpAsAFilter() {
    for (const QString& text : completionsOf("op r")) {
      QVERIFY2(filter::parse(text.toStdString()).has_value(), qPrintable(text));
    }
    for (const QString& text : completionsOf("state h")) {
      QVERIFY2(filter::parse(text.toStdString()).has_value(), qPrintable(text));
    }
  }

  void addsConditionsSoThatBothHold() {
    QCOMPARE(extended("", "op rst"), "op rst");
    QCOMPARE(extended("  ", "op rst"), "op rst");
    QCOMPARE(extended("port 1 or port 2", "op rst"), "(port 1 or port 2) and op rst");
  }
};

}  // namespace vsdump::gui

VSDUMP_GUI_TEST(vsdump::gui::FilterWordsTest)
#include "filter_words_test.moc"
