// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/models/capture_request.h"

#include <QTest>

#include "tests/gui/support/suite.h"

namespace vsdump::gui {

using Rights = CaptureRequest::Rights;

class CaptureRequestTest : public QObject {
  Q_OBJECT

 private slots:
  void asksVsdumpForAStreamWithCounters() {
    QCOMPARE(commandOf({}), QString("/bin/vsdump|--pcapng|-w|-"));
    QCOMPARE(commandOf({.device = "vsockmon7", .create = true, .filter = "port 22 and op rst"}),
             QString("/bin/vsdump|--pcapng|-w|-|-i|vsockmon7|--create|--|port 22 and op rst"));
    // There is no device to make.
    QCOMPARE(commandOf({.create = true}), QString("/bin/vsdump|--pcapng|-w|-"));
  }

  void asksForTheRightsOfAnAdministrator() {
    QCOMPARE(commandOf({.device = "vsockmon0", .rights = Rights::Administrator}),
             QString("pkexec|--disable-internal-agent|/bin/vsdump|--pcapng|-w|-|-i|vsockmon0"));
  }

  void keepsTheShellOfAnotherHostFromReadingWords() {
    const CaptureRequest request{
        .filter = "port 22; echo 'x'", .rights = Rights::OtherHost, .host = "-oProxyCommand=x"};
    QCOMPARE(commandOf(request), QString("ssh|-T|-oServerAliveInterval=15|--|-oProxyCommand=x|"
                                         "vsdump '--pcapng' '-w' '-' '--' "
                                         "'port 22; echo '\\''x'\\'''"));
  }

  void hasANameForTheWindow() {
    QCOMPARE(inputOf({.device = "vsockmon0"}, "v").name, std::string("vsockmon0"));
    QCOMPARE(inputOf({.rights = Rights::OtherHost, .host = "box"}, "v").name,
             std::string("capture on box"));
  }

 private:
  static QString commandOf(const CaptureRequest& request) {
    QStringList words;
    for (const std::string& word : inputOf(request, "/bin/vsdump").command) {
      words += QString::fromStdString(word);
    }
    return words.join('|');
  }
};

}  // namespace vsdump::gui

VSDUMP_GUI_TEST(vsdump::gui::CaptureRequestTest)
#include "capture_request_test.moc"
