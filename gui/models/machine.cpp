// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/models/machine.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QList>
#include <algorithm>

namespace vsdump::gui {

namespace {

/// The objects of one line each of a kind.
std::vector<QJsonObject> recordsOf(const QByteArray& json, const QString& kind) {
  std::vector<QJsonObject> records;
  for (const QByteArray& line : json.split('\n')) {
    const QJsonObject record = QJsonDocument::fromJson(line).object();
    if (record.value(QStringLiteral("record")) == kind) records.push_back(record);
  }
  return records;
}

MachineCheck::Status statusOf(const QString& word) {
  if (word == QStringLiteral("ok")) return MachineCheck::Status::Ok;
  return word == QStringLiteral("missing") ? MachineCheck::Status::Missing
                                           : MachineCheck::Status::Note;
}

void stop(QProcess& process) {
  process.disconnect();
  if (process.state() == QProcess::NotRunning) return;
  process.kill();
  process.waitForFinished();
}

}  // namespace

std::vector<MachineCheck> checksOf(const QByteArray& json) {
  std::vector<MachineCheck> checks;
  for (const QJsonObject& record : recordsOf(json, QStringLiteral("check"))) {
    checks.push_back({.name = record.value(QStringLiteral("name")).toString(),
                      .status = statusOf(record.value(QStringLiteral("status")).toString()),
                      .value = record.value(QStringLiteral("value")).toString(),
                      .remedy = record.value(QStringLiteral("remedy")).toString()});
  }
  return checks;
}

QStringList devicesOf(const QByteArray& json) {
  QStringList names;
  for (const QJsonObject& record : recordsOf(json, QStringLiteral("device"))) {
    names += record.value(QStringLiteral("name")).toString();
  }
  return names;
}

bool mayCapture(const std::vector<MachineCheck>& checks) {
  return std::ranges::any_of(checks, [](const MachineCheck& check) {
    return check.name == QStringLiteral("capture rights") &&
           check.status == MachineCheck::Status::Ok;
  });
}

Machine::Machine(QObject* parent) : QObject(parent) {}

Machine::~Machine() {
  stop(doctor_);
  stop(lister_);
}

void Machine::ask(const QString& program) {
  stop(doctor_);
  stop(lister_);
  connect(&doctor_, &QProcess::finished, this, [this] {
    checks_ = checksOf(doctor_.readAllStandardOutput());
    emit answered();
  });
  connect(&lister_, &QProcess::finished, this, [this] {
    devices_ = devicesOf(lister_.readAllStandardOutput());
    emit answered();
  });
  doctor_.start(program, {QStringLiteral("doctor"), QStringLiteral("--json")});
  lister_.start(program, {QStringLiteral("devices"), QStringLiteral("--json")});
}

}  // namespace vsdump::gui
