// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/models/marks.h"

#include <QTest>

#include "tests/gui/support/suite.h"

namespace vsdump::gui {

class MarksTest : public QObject {
  Q_OBJECT

 private slots:
  void marksAllUnlessAllAreMarked() {
    Marks marks;
    marks.toggle({5});
    marks.toggle({3, 5, 9});
    QCOMPARE(*marks.rows(), (std::vector<Row>{3, 5, 9}));
    marks.toggle({5, 3});
    QCOMPARE(*marks.rows(), std::vector<Row>{9});
    marks.clear();
    QVERIFY(marks.count() == 0 && marks.rows()->empty());
  }

  void goesAroundTheEnd() {
    Marks marks;
    QVERIFY(!marks.next(0) && !marks.previous(0));
    marks.toggle({2, 7});
    QCOMPARE(*marks.next(0), Row{2});
    QCOMPARE(*marks.next(2), Row{7});
    QCOMPARE(*marks.next(7), Row{2});
    QCOMPARE(*marks.previous(7), Row{2});
    QCOMPARE(*marks.previous(2), Row{7});
    QCOMPARE(*marks.previous(9), Row{7});
  }
};

}  // namespace vsdump::gui

VSDUMP_GUI_TEST(vsdump::gui::MarksTest)
#include "marks_test.moc"
