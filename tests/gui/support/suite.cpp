// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/gui/support/suite.h"

#include <QFileInfo>
#include <QTest>
#include <map>

#ifdef QT_WIDGETS_LIB
#include <QApplication>
using Application = QApplication;
#else
#include <QCoreApplication>
using Application = QCoreApplication;
#endif

namespace vsdump::gui {

namespace {

std::map<QString, RegisteredTest::Make>& registeredTests() {
  static std::map<QString, RegisteredTest::Make> tests;
  return tests;
}

/// Runs the test class that the first argument names, with the arguments behind it.
int runTest(const QStringList& arguments) {
  const auto found = registeredTests().find(arguments.value(1));
  if (found == registeredTests().end()) {
    qCritical("give one of these, and QTest's arguments behind it:");
    for (const auto& [name, make] : registeredTests()) qCritical("  %s", qPrintable(name));
    return EXIT_FAILURE;
  }
  const std::unique_ptr<QObject> test = found->second();
  QStringList passed = arguments;
  passed.removeAt(1);
  return QTest::qExec(test.get(), passed);
}

}  // namespace

RegisteredTest::RegisteredTest(const char* source, Make make) {
  registeredTests().emplace(QFileInfo(QString::fromUtf8(source)).completeBaseName(), make);
}

}  // namespace vsdump::gui

int main(int argc, char** argv) {
  const Application application(argc, argv);
  return vsdump::gui::runTest(Application::arguments());
}
