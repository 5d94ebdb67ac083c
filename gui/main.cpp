// SPDX-License-Identifier: GPL-2.0-or-later
#include <unistd.h>

#include <QApplication>
#include <QCommandLineParser>
#include <cstdio>

#include "gui/views/main_window.h"

int main(int argc, char** argv) {
  QApplication application(argc, argv);
  QApplication::setApplicationName(QStringLiteral("vsdump-gui"));
  QApplication::setOrganizationName(QStringLiteral("vsdump"));
  QApplication::setApplicationVersion(QStringLiteral(VSDUMP_VERSION));
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
  parser.addOption(follow);
  parser.process(application);
  if (::geteuid() == 0) {
    std::fputs(
        "vsdump-gui: it reads packets with root's rights: better start it as the user who looks at "
        "them, whom it asks for the right to capture\n",
        stderr);
  }

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
