// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/models/capture_request.h"

#include <QCoreApplication>
#include <QDir>
#include <QFileInfo>
#include <QStandardPaths>
#include <QStringList>

namespace vsdump::gui {

namespace {

/// A word as the shell on the other host takes it.
QString quoted(QString word) {
  return QStringLiteral("'%1'").arg(word.replace(QStringLiteral("'"), QStringLiteral("'\\''")));
}

QStringList argumentsOf(const CaptureRequest& request) {
  // A stream of pcapng tells each second what was dropped.
  QStringList arguments{QStringLiteral("--pcapng"), QStringLiteral("-w"), QStringLiteral("-")};
  if (!request.device.isEmpty()) arguments << QStringLiteral("-i") << request.device;
  if (!request.device.isEmpty() && request.create) arguments << QStringLiteral("--create");
  if (!request.filter.isEmpty()) arguments << QStringLiteral("--") << request.filter;
  return arguments;
}

QStringList commandOf(const CaptureRequest& request, const QString& program) {
  const QStringList arguments = argumentsOf(request);
  switch (request.rights) {
    case CaptureRequest::Rights::Own:
      return QStringList{program} + arguments;
    case CaptureRequest::Rights::Administrator:
      // There is no terminal on which pkexec could ask by itself.
      return QStringList{QStringLiteral("pkexec"), QStringLiteral("--disable-internal-agent"),
                         program} +
             arguments;
    case CaptureRequest::Rights::OtherHost:
      break;
  }
  QStringList there{QStringLiteral("vsdump")};
  for (const QString& argument : arguments) there << quoted(argument);
  // A host that is gone without a word is silent, and so is one without traffic, but for this.
  return {QStringLiteral("ssh"), QStringLiteral("-T"), QStringLiteral("-oServerAliveInterval=15"),
          QStringLiteral("--"),  request.host,         there.join(' ')};
}

}  // namespace

QString captureProgram() {
  // Installed, or in a folder where it was built.
  const QDir here(QCoreApplication::applicationDirPath());
  for (const char* place : {"vsdump", "../cli/vsdump"}) {
    const QFileInfo file(here.filePath(QString::fromLatin1(place)));
    if (file.isFile() && file.isExecutable()) return file.canonicalFilePath();
  }
  return QStandardPaths::findExecutable(QStringLiteral("vsdump"));
}

TraceInput inputOf(const CaptureRequest& request, const QString& program) {
  QString name = request.device.isEmpty() ? QStringLiteral("capture") : request.device;
  if (request.rights == CaptureRequest::Rights::OtherHost) {
    name = QStringLiteral("%1 on %2").arg(name, request.host);
  }
  TraceInput input{.name = name.toStdString()};
  for (const QString& word : commandOf(request, program)) {
    input.command.push_back(word.toStdString());
  }
  return input;
}

}  // namespace vsdump::gui
