// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <QObject>
#include <functional>
#include <stop_token>
#include <thread>

namespace vsdump::gui {

/// Work in a thread of its own, and what to do with its result in the thread that began it.
class Job : private QObject {
 public:
  /// What is to be done with the result; empty when the work was stopped.
  using Delivery = std::function<void()>;
  using Work = std::function<Delivery(const std::stop_token&)>;

  explicit Job(Work work);
  /// Asks the work to stop and waits for that; a result on its way is not delivered any more.
  ~Job() override;

 private:
  void customEvent(QEvent* event) override;

  Delivery delivery_;
  std::jthread thread_;
};

}  // namespace vsdump::gui
