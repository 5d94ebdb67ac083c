// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <QByteArray>
#include <QObject>
#include <QProcess>
#include <QString>
#include <QStringList>
#include <vector>

namespace vsdump::gui {

/// One line of what `vsdump doctor` says.
struct MachineCheck {
  enum class Status { Ok, Missing, Note };
  QString name;
  Status status = Status::Note;
  QString value;
  QString remedy;
};

/// What `vsdump doctor --json` has printed; lines that it does not know are left out.
std::vector<MachineCheck> checksOf(const QByteArray& json);

/// The names of what `vsdump devices --json` has printed.
QStringList devicesOf(const QByteArray& json);

/// Whether a capture needs no other rights than those of the user.
bool mayCapture(const std::vector<MachineCheck>& checks);

/// Asks vsdump about this machine. **Threads** the one that has events.
class Machine : public QObject {
  Q_OBJECT

 public:
  explicit Machine(QObject* parent = nullptr);
  ~Machine() override;

  /// Begins to ask `program`; answered() follows.
  void ask(const QString& program);

  const std::vector<MachineCheck>& checks() const { return checks_; }
  const QStringList& devices() const { return devices_; }

 signals:
  /// checks() or devices() are new; they are empty where nobody could be asked.
  void answered();

 private:
  QProcess doctor_;
  QProcess lister_;
  std::vector<MachineCheck> checks_;
  QStringList devices_;
};

}  // namespace vsdump::gui
