// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/views/filter_bar.h"

#include <QSettings>
#include <QSignalSpy>
#include <QTest>

#include "gui/views/theme.h"
#include "tests/gui/support/suite.h"

namespace vsdump::gui {

class FilterBarTest : public QObject {
  Q_OBJECT

 private slots:
  void initTestCase() {
    QCoreApplication::setOrganizationName("vsdump-filter-bar-test");
    QSettings().clear();
  }

  void choosesAFilterWithEnter() {
    FilterBar bar;
    const QSignalSpy chosen(&bar, &FilterBar::chosen);
    QTest::keyClicks(lineOf(bar), "op rst");
    QCOMPARE(chosen.count(), 0);
    QTest::keyClick(lineOf(bar), Qt::Key_Return);
    QCOMPARE(chosen.count(), 1);
  }

  void choosesNothingThatIsNoFilter() {
    FilterBar bar;
    const QSignalSpy chosen(&bar, &FilterBar::chosen);
    QTest::keyClicks(lineOf(bar), "prot 22");
    QTest::keyClick(lineOf(bar), Qt::Key_Return);
    QCOMPARE(chosen.count(), 0);
    QCOMPARE(lineOf(bar)->palette().color(QPalette::Text), troubleColor(bar.palette()));
  }

  void drawsACaretAtTheProblem() {
    QWidget window;
    FilterBar bar(&window);
    window.show();
    QTest::keyClicks(lineOf(bar), "port 22 and prot 1");
    QTest::keyClick(lineOf(bar), Qt::Key_Return);
    QLabel* problem = problemOf(window);
    QVERIFY(problem != nullptr && problem->isVisible());
    QVERIFY(problem->text().contains("port 22 and prot 1"));
    QVERIFY(problem->text().contains('^'));
    lineOf(bar)->clear();
    QVERIFY(!problem->isVisible());
  }

  void showsEverythingAgainWhenItIsEmptied() {
    FilterBar bar;
    bar.apply("op rst");
    bool takesAll = false;
    connect(&bar, &FilterBar::chosen, this,
            [&](const filter::Filter& filter) { takesAll = filter.takesAll(); });
    lineOf(bar)->clear();
    QVERIFY(takesAll);
  }

  void remembersWhatWasChosen() {
    FilterBar bar;
    bar.apply("port 1");
    bar.apply("port 2");
    bar.apply("port 1");
    QCOMPARE(QSettings().value("filters").toStringList().mid(0, 2),
             (QStringList{"port 1", "port 2"}));
  }

 private:
  static QLineEdit* lineOf(const FilterBar& bar) { return bar.findChild<QLineEdit*>(); }
  static QLabel* problemOf(const QWidget& window) {
    for (QLabel* label : window.findChildren<QLabel*>(QString(), Qt::FindDirectChildrenOnly)) {
      return label;
    }
    return nullptr;
  }
};

}  // namespace vsdump::gui

VSDUMP_GUI_TEST(vsdump::gui::FilterBarTest)
#include "filter_bar_test.moc"
