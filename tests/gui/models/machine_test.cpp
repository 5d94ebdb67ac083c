// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/models/machine.h"

#include <QSignalSpy>
#include <QTest>

#include "tests/gui/support/suite.h"

namespace vsdump::gui {

class MachineTest : public QObject {
  Q_OBJECT

 private slots:
  void readsWhatDoctorSays() {
    const auto checks =
        checksOf(check("vsockmon", "ok", "") + "no JSON\n" + check("guests", "note", "x") +
                 "{\"record\":\"later\",\"name\":\"unknown\"}\n");
    QCOMPARE(checks.size(), std::size_t{2});
    QCOMPARE(checks[0].name, "vsockmon");
    QCOMPARE(checks[0].status, MachineCheck::Status::Ok);
    QCOMPARE(checks[1].status, MachineCheck::Status::Note);
    QCOMPARE(checks[1].remedy, "x");
    QVERIFY(checksOf("").empty());
  }

  void readsWhichDevicesThereAre() {
    QCOMPARE(devicesOf("{\"record\":\"device\",\"number\":1,\"name\":\"vsockmon3\"}\n"),
             QStringList{"vsockmon3"});
  }

  void tellsWhetherAPasswordIsNeeded() {
    QVERIFY(mayCapture(checksOf(check("capture rights", "ok", ""))));
    QVERIFY(!mayCapture(checksOf(check("capture rights", "missing", ""))));
    QVERIFY(!mayCapture({}));
  }

  void asksAProgram() {
    Machine machine;
    machine.ask(QStringLiteral(VSDUMP_SOURCE_DIR "/tests/gui/support/vsdump"));
    QTRY_VERIFY(!machine.checks().empty() && !machine.devices().isEmpty());
    QCOMPARE(machine.devices(), QStringList{"vsockmon7"});
    // Again, and gone before the answer.
    machine.ask(QStringLiteral(VSDUMP_SOURCE_DIR "/tests/gui/support/vsdump"));
  }

  void livesWithoutAProgram() {
    Machine machine;
    machine.ask(QStringLiteral("/nonexistent/vsdump"));
    QTest::qWait(20);
    QVERIFY(machine.checks().empty());
  }

 private:
  static QByteArray check(const char* name, const char* status, const char* remedy) {
    return QStringLiteral(
               "{\"record\":\"check\",\"name\":\"%1\",\"status\":\"%2\",\"value\":\"\","
               "\"remedy\":\"%3\"}\n")
        .arg(name, status, remedy)
        .toUtf8();
  }
};

}  // namespace vsdump::gui

VSDUMP_GUI_TEST(vsdump::gui::MachineTest)
#include "machine_test.moc"
