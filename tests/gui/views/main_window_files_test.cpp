// SPDX-License-Identifier: GPL-2.0-or-later
#include <QAction>
#include <QDialogButtonBox>
#include <QFile>
#include <QLabel>
#include <QMessageBox>
#include <QPushButton>
#include <QScrollBar>
#include <QSettings>
#include <QStatusBar>
#include <QTemporaryDir>
#include <QTest>

#include "gui/views/capture_dialog.h"
#include "gui/views/main_window.h"
#include "tests/gui/support/loading.h"
#include "tests/gui/support/suite.h"

namespace vsdump::gui {

/// What comes into the window and goes out of it.
class MainWindowFilesTest : public QObject {
  Q_OBJECT

 private slots:
  void initTestCase() {
    QCoreApplication::setOrganizationName("vsdump-main-window-files-test");
    // The stand-in for vsdump.
    qputenv("PATH", VSDUMP_SOURCE_DIR "/tests/gui/support:" + qgetenv("PATH"));
  }
  void init() {
    QSettings().clear();
    window_ = std::make_unique<MainWindow>();
    window_->show();
    QVERIFY(QTest::qWaitForWindowExposed(window_.get()));
  }
  void cleanup() { window_.reset(); }

  void saysWhatThisMachineCanCapture() {
    QTRY_VERIFY(isSaid("module, loaded: shows vsock traffic"));
    QVERIFY(isSaid("without CAP_NET_RAW"));
    QVERIFY(isSaid("→ sudo vsdump"));
  }

  void showsPacketsWhileTheyAreCaptured() {
    deed({"play", samplePath("parallel.pcap")});
    window_->capture({.device = "vsockmon0"});
    QTRY_VERIFY(packets() > 0);
    QVERIFY(packets() < 71);
    QCOMPARE(window_->windowTitle(), QString("vsockmon0 - vsdump"));
    QVERIFY(action("Stop")->isEnabled());
    typeFilter("op rst");
    QTRY_VERIFY(isSaid("live: "));
    QTRY_VERIFY(window_->findChild<QTableView*>("connections")->model()->rowCount() > 1);
    typeFilter("");
    QTRY_COMPARE(packets(), 71);
    // The columns fit what has come so far.
    auto* connections = window_->findChild<QTableView*>("connections");
    QCOMPARE(connections->horizontalScrollBar()->maximum(), 0);
    QTest::keyClick(window_.get(), Qt::Key_E, Qt::ControlModifier);
    QTRY_VERIFY(!action("Stop")->isEnabled());
    QVERIFY(!isSaid("live: "));
    QVERIFY(isSaid("71 packets"));
    QCOMPARE(packets(), 71);

    // They are nowhere else.
    const QString asked = whileAnswering(QMessageBox::Cancel, [this] { window_->close(); });
    QVERIFY2(asked.startsWith("71 packets"), qPrintable(asked));
    QVERIFY(window_->isVisible());
    QTemporaryDir folder;
    const QString path = folder.filePath("saved.pcapng");
    window_->saveTo(path, {}, true);
    QTRY_VERIFY(QFile::exists(path));
    QTRY_VERIFY(window_->statusBar()->currentMessage().startsWith("Saved 71 packets"));
    expectSamePackets(load(path).trace, samplePath("parallel.pcap"));
    window_->close();
    QVERIFY(!window_->isVisible());
  }

  void selectsAmongThePacketsThatComeLater() {
    deed({"play", samplePath("credit-stall.pcap")});
    window_->capture({});
    QTRY_VERIFY(packets() > 0);
    typeFilter("op rst");
    QTRY_COMPARE(packets(), 0);
    QTRY_VERIFY_WITH_TIMEOUT(packets() > 0, 10'000);
    whileAnswering(QMessageBox::Discard, [this] { window_->close(); });
  }

  void capturesAgain() {
    deed({"play", samplePath("refused.pcap")});
    window_->capture({});
    QTRY_COMPARE(packets(), 2);
    deed({"play", samplePath("python-hello.pcap")});
    whileAnswering(QMessageBox::Discard, [this] { action("Restart the capture")->trigger(); });
    QTRY_COMPARE(packets(), 9);
    whileAnswering(QMessageBox::Discard, [this] { window_->close(); });
  }

  void showsWhyACaptureCannotBegin() {
    deed({"fail"});
    const QString said = whileAnswering(QMessageBox::Ok, [this] {
      window_->capture({.device = "vsockmon9"});
      QTRY_VERIFY(!action("Stop")->isEnabled());
    });
    QVERIFY2(said.contains("vsdump: cannot capture on vsockmon9: No such device."),
             qPrintable(said));
  }

  void fitsOnTheScreenWhatAProgramSaysAtLength() {
    deed({"babble"});
    QString details;
    const QString said = whileAnswering(
        QMessageBox::Ok,
        [this] {
          window_->capture({});
          QTRY_VERIFY(!action("Stop")->isEnabled());
        },
        &details);
    QVERIFY2(said.startsWith("cannot capture with ") && said.endsWith("\nline 299"),
             qPrintable(said));
    QVERIFY(said.count('\n') < 20);
    QVERIFY(details.contains("\nline 0\n") && details.endsWith("\nline 299"));
  }

  void saysThatACaptureHadNotBegun() {
    deed({"hang"});
    window_->capture({});
    QTRY_VERIFY(window_->statusBar()->currentMessage().startsWith("hanging"));
    action("Stop")->trigger();
    QTRY_COMPARE(window_->statusBar()->currentMessage(),
                 QString("Stopped before the capture began."));
  }

  void needsNoVsdumpHereToCaptureElsewhere() {
    const QString said = saidOfSsh("echo no such host >&2; exit 255");
    QVERIFY2(said.contains("no such host"), qPrintable(said));
  }

  void saysThatAShellGreets() {
    const QString said = saidOfSsh("echo Welcome to far; exec sleep 60");
    QVERIFY2(said.startsWith("cannot read capture on far: it is neither a pcap nor a pcapng file"),
             qPrintable(said));
    QVERIFY2(said.endsWith("\"ssh HOST true\" has to print nothing."), qPrintable(said));
  }

  void asksWhatIsToBeCaptured() {
    deed({"play", samplePath("refused.pcap")});
    QTimer answers;
    connect(&answers, &QTimer::timeout, this, [] {
      auto* dialog = qobject_cast<CaptureDialog*>(QApplication::activeModalWidget());
      if (dialog == nullptr) return;
      auto* device = dialog->findChild<QComboBox*>();
      if (device->findText("vsockmon7") < 0) return;  // the answer is on its way
      auto* start = dialog->findChild<QDialogButtonBox*>()->button(QDialogButtonBox::Ok);
      auto* filter = dialog->findChildren<QLineEdit*>().at(1);
      filter->setText("port 22 and");
      QVERIFY(!start->isEnabled());
      filter->setText("port 22");
      device->setEditText("vsockmon7");
      auto* rights = dialog->findChildren<QComboBox*>().at(1);
      rights->setCurrentIndex(2);
      QVERIFY(device->findText("vsockmon7") < 0);
      QVERIFY(!start->isEnabled());
      QCOMPARE(dialog->request().device, QString("vsockmon7"));
      rights->setCurrentIndex(0);
      QVERIFY(device->findText("vsockmon7") >= 0);
      QVERIFY(start->isEnabled());
      QCOMPARE(dialog->request().filter, QString("port 22"));
      start->click();
    });
    answers.start(10);
    QTest::keyClick(window_.get(), Qt::Key_K, Qt::ControlModifier);
    answers.stop();
    QTRY_COMPARE(packets(), 2);
    QCOMPARE(window_->windowTitle(), QString("vsockmon7 - vsdump"));
    whileAnswering(QMessageBox::Discard, [this] { window_->close(); });
    QCOMPARE(QSettings().value("capture/device").toString(), QString("vsockmon7"));
  }

  void showsTwoFilesBesideEachOther() {
    window_->open(QStringList{samplePath("parallel.pcap"), samplePath("socat.pcap")});
    QTRY_COMPARE(packets(), 71 + 26);
    QTRY_COMPARE(window_->windowTitle(), QString("parallel.pcap + socat.pcap - vsdump"));
    auto* sources = sourceBox();
    QTRY_VERIFY(sources->isVisible());
    QCOMPARE(sources->count(), 3);
    sources->setCurrentIndex(2);
    QTRY_COMPARE(packets(), 26);
    sources->setCurrentIndex(1);
    QTRY_COMPARE(packets(), 71);
    sources->setCurrentIndex(0);
    QTRY_COMPARE(packets(), 71 + 26);
    window_->open(samplePath("refused.pcap"));
    QTRY_COMPARE(packets(), 2);
    QTRY_VERIFY(!sources->isVisible());
  }

  void goesOnAsAFileGrows() {
    QFile whole(samplePath("python-hello.pcap"));
    QVERIFY(whole.open(QIODevice::ReadOnly));
    const QByteArray bytes = whole.readAll();
    QTemporaryDir folder;
    QFile file(folder.filePath("growing.pcap"));
    QVERIFY(file.open(QIODevice::WriteOnly | QIODevice::Unbuffered));
    file.write(bytes.left(400));
    window_->follow(file.fileName());
    QTRY_VERIFY(packets() > 0);
    file.write(bytes.mid(400));
    QTRY_COMPARE(packets(), 9);
    // What is in a file need not be saved.
    window_->close();
    QVERIFY(!window_->isVisible());
  }

 private:
  static void deed(const QStringList& words) { qputenv("VSDUMP_DEED", words.join(' ').toUtf8()); }

  int packets() const { return window_->findChild<QTableView*>("packets")->model()->rowCount(); }
  QComboBox* sourceBox() const {
    for (QComboBox* box : window_->findChildren<QComboBox*>()) {
      if (box->accessibleName() == "Source") return box;
    }
    return nullptr;
  }
  bool isSaid(const QString& text) const {
    for (const QLabel* label : window_->findChildren<QLabel*>()) {
      if (label->isVisible() && label->text().contains(text)) return true;
    }
    return false;
  }
  QAction* action(QString text) const {
    for (QAction* each : window_->findChildren<QAction*>()) {
      if (each->text().remove('&') == text) return each;
    }
    return nullptr;
  }
  void typeFilter(const QString& text) {
    auto* line = window_->findChild<FilterBar*>()->findChild<QLineEdit*>();
    line->setText(text);
    QTest::keyClick(line, Qt::Key_Return);
  }

  /// What the window says when it captures with a program in place of ssh, and without a vsdump.
  QString saidOfSsh(const QByteArray& script) {
    const QByteArray path = qgetenv("PATH");
    QTemporaryDir folder;
    QFile ssh(folder.filePath("ssh"));
    if (!ssh.open(QIODevice::WriteOnly)) return ssh.errorString();
    ssh.write("#!/bin/sh\nPATH=/usr/bin:/bin\n" + script + '\n');
    ssh.setPermissions(QFile::ExeOwner | QFile::ReadOwner);
    ssh.close();
    qputenv("PATH", folder.path().toUtf8());
    const QString said = whileAnswering(QMessageBox::Ok, [this] {
      window_->capture({.rights = CaptureRequest::Rights::OtherHost, .host = "far"});
      QTRY_VERIFY(!action("Stop")->isEnabled());
    });
    qputenv("PATH", path);
    return said;
  }

  /// Does something, answers the box that comes meanwhile, and returns what that asks.
  template <typename Deed>
  QString whileAnswering(QMessageBox::StandardButton answer, Deed&& act,
                         QString* details = nullptr) {
    QString asked;
    QTimer timer;
    connect(&timer, &QTimer::timeout, this, [&] {
      auto* box = qobject_cast<QMessageBox*>(QApplication::activeModalWidget());
      if (box == nullptr || box->button(answer) == nullptr) return;
      asked = box->text();
      if (details != nullptr) *details = box->detailedText();
      box->button(answer)->click();
    });
    timer.start(10);
    act();
    return asked;
  }

  std::unique_ptr<MainWindow> window_;
};

}  // namespace vsdump::gui

VSDUMP_GUI_TEST(vsdump::gui::MainWindowFilesTest)
#include "main_window_files_test.moc"
