// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/models/job.h"

#include <QCoreApplication>
#include <QEvent>
#include <atomic>
#include <mutex>
#include <utility>
#include <vector>

#include "gui/models/give_way.h"

namespace vsdump::gui {

namespace {

/// Reading a capture comes first, and the window before it.
constexpr int kStepsBehind = 10;

}  // namespace

/// Between a job and its thread.
struct Job::Link {
  std::mutex mutex;
  Job* job;  ///< null when it has ended
  Delivery delivery;
  std::atomic<bool> isDone = false;  ///< nothing is left to wait for

  explicit Link(Job* job_) : job(job_) {}

  void deliver(Delivery&& result) {
    const std::lock_guard lock(mutex);
    if (job == nullptr || !result) return;
    delivery = std::move(result);
    // An event that is still on its way when the job ends goes with it.
    QCoreApplication::postEvent(job, new QEvent(QEvent::User));
  }
};

namespace {

/// Threads that go on after their jobs.
///
/// **Threads** the window's.
class Stragglers {
 public:
  void add(std::jthread&& thread, std::function<bool()> isDone) {
    std::erase_if(threads_, [](const Straggler& each) { return each.isDone(); });
    threads_.push_back({.isDone = std::move(isDone), .thread = std::move(thread)});
  }

 private:
  struct Straggler {
    std::function<bool()> isDone;
    std::jthread thread;  // is waited for
  };
  std::vector<Straggler> threads_;
};

Stragglers& stragglers() {
  static Stragglers all;
  return all;
}

}  // namespace

Job::Job(Work work)
    : link_(std::make_shared<Link>(this)),
      thread_([link = link_, work = std::move(work)](const std::stop_token& stop) mutable {
        giveWay(kStepsBehind);
        Delivery result = work(stop);
        // Giving back what it had may take a while.
        work = nullptr;
        link->deliver(std::move(result));
        link->isDone = true;
      }) {}

Job::~Job() {
  thread_.request_stop();
  {
    const std::lock_guard lock(link_->mutex);
    link_->job = nullptr;
  }
  stragglers().add(std::move(thread_), [link = link_] { return link->isDone.load(); });
}

void Job::customEvent(QEvent*) {
  // What is delivered may end this job.
  const Delivery delivery = std::move(link_->delivery);
  delivery();
}

}  // namespace vsdump::gui
