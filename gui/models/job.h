// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <QObject>
#include <functional>
#include <memory>
#include <stop_token>
#include <thread>

namespace vsdump::gui {

/// Work in a thread of its own, and what to do with its result in the thread that began it.
class Job : private QObject {
 public:
  /// What is to be done with the result; empty when the work was stopped.
  using Delivery = std::function<void()>;
  /// **Lifetime** it may outlive the job, so that what it works with has to be its own.
  using Work = std::function<Delivery(const std::stop_token&)>;

  explicit Job(Work work);
  /// Asks the work to stop and does not wait for that, as a window must not; a result on its way is
  /// not delivered any more. The program ends after its jobs.
  ~Job() override;

 private:
  struct Link;

  void customEvent(QEvent* event) override;

  std::shared_ptr<Link> link_;
  std::jthread thread_;
};

}  // namespace vsdump::gui
