// SPDX-License-Identifier: GPL-2.0-or-later
#include <QApplication>
#include <QCommandLineParser>

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
  parser.addPositionalArgument(QStringLiteral("file"),
                               QCoreApplication::translate("main", "A capture file."), "[file]");
  parser.process(application);

  vsdump::gui::MainWindow window;
  window.show();
  if (!parser.positionalArguments().isEmpty()) window.open(parser.positionalArguments().front());
  return QApplication::exec();
}
