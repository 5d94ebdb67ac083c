// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/models/job.h"

#include <QCoreApplication>
#include <QEvent>
#include <utility>

namespace vsdump::gui {

Job::Job(Work work)
    : thread_([this, work = std::move(work)](const std::stop_token& stop) {
        delivery_ = work(stop);
        // An event that is still on its way when the job ends goes with it.
        if (delivery_) QCoreApplication::postEvent(this, new QEvent(QEvent::User));
      }) {}

Job::~Job() = default;

void Job::customEvent(QEvent*) {
  // What is delivered may end this job.
  const Delivery delivery = std::move(delivery_);
  delivery();
}

}  // namespace vsdump::gui
