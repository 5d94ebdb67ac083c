// SPDX-License-Identifier: GPL-2.0-or-later
#include <QApplication>
#include <QCommandLineParser>
#include <cstdio>
#include <optional>
#include <string>

#include "gui/root_rights.h"
#include "gui/views/main_window.h"

int main(int argc, char** argv) {
  QCommandLineParser parser;
  parser.setApplicationDescription(
      QCoreApplication::translate("main", "Shows the connections of a capture of AF_VSOCK."));
  parser.addHelpOption();
  parser.addVersionOption();
  parser.addPositionalArgument(
      QStringLiteral("file"),
      QCoreApplication::translate("main", "Capture files; - is standard input."), "[file...]");
  const QCommandLineOption follow(
      QStringLiteral("follow-file"),
      QCoreApplication::translate("main", "Go on reading as the file grows."));
  const QCommandLineOption user(
      {QStringLiteral("Z"), QStringLiteral("relinquish-privileges")},
      QCoreApplication::translate("main", "Where root starts it, go on as this user."),
      QStringLiteral("user"));
  parser.addOptions({follow, user});

  // Before Qt opens a file, or starts a thread. What is wrong with the options is said afterwards.
  parser.parse(QStringList(argv, argv + argc));
  std::optional<std::string> name;
  if (parser.isSet(user)) name = parser.value(user).toStdString();
  const bool opensWindow = !parser.isSet(QStringLiteral("help")) &&
                           !parser.isSet(QStringLiteral("help-all")) &&
                           !parser.isSet(QStringLiteral("version"));
  if (const auto given = vsdump::gui::giveUpRootsRights(name); opensWindow && !given) {
    std::fprintf(stderr, "vsdump-gui: %s\n", vsdump::describe(given.error()).c_str());
    return 2;
  }

  QApplication application(argc, argv);
  QApplication::setApplicationName(QStringLiteral("vsdump-gui"));
  QApplication::setOrganizationName(QStringLiteral("vsdump"));
  QApplication::setApplicationVersion(QStringLiteral(VSDUMP_VERSION));
  parser.process(application);

  vsdump::gui::MainWindow window;
  window.show();
  const QStringList files = parser.positionalArguments();
  if (parser.isSet(follow) && !files.isEmpty()) {
    window.follow(files.front());
  } else {
    window.open(files);
  }
  return QApplication::exec();
}
