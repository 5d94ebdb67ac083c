// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace vsdump::gui {

/// A sequence in pages that its copies share: a copy costs a pointer a page, a change the pages
/// that it touches. So that a worker can be given all that is known, again and again.
///
/// **Threads** as std::vector; a copy is independent of the others.
template <typename T>
class SharedVector {
 public:
  /// Forwards, over all elements.
  class Iterator {
   public:
    Iterator(const SharedVector& all, std::size_t at) : all_(&all), at_(at) {}
    const T& operator*() const { return (*all_)[at_]; }
    Iterator& operator++() {
      ++at_;
      return *this;
    }
    friend bool operator==(const Iterator&, const Iterator&) = default;

   private:
    const SharedVector* all_;
    std::size_t at_;
  };

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  const T& operator[](std::size_t i) const { return (*pages_[i / kPage])[i % kPage]; }
  const T& front() const { return (*this)[0]; }
  Iterator begin() const { return {*this, 0}; }
  Iterator end() const { return {*this, size_}; }

  /// Puts elements where `placeOf(element)` says, in the order of these places: over what is there
  /// or right behind the last.
  template <typename PlaceOf>
  void put(std::vector<T>&& elements, PlaceOf&& placeOf) {
    std::size_t number = SIZE_MAX;
    Page* page = nullptr;
    for (T& element : elements) {
      const std::size_t place = placeOf(element);
      if (place / kPage != number) page = &renew(number = place / kPage);
      if (place < size_) {
        (*page)[place % kPage] = std::move(element);
      } else {
        page->push_back(std::move(element));
        ++size_;
      }
    }
  }

  void append(std::vector<T>&& elements) {
    put(std::move(elements), [this](const T&) { return size_; });
  }

 private:
  using Page = std::vector<T>;
  static constexpr std::size_t kPage = 256;

  /// A page that no copy has yet, with what was in it.
  Page& renew(std::size_t number) {
    auto page = std::make_shared<Page>();
    page->reserve(kPage);
    if (number == pages_.size()) pages_.emplace_back();
    if (const auto& before = pages_[number]) page->assign(before->begin(), before->end());
    pages_[number] = page;
    return *page;
  }

  std::vector<std::shared_ptr<const Page>> pages_;
  std::size_t size_ = 0;
};

}  // namespace vsdump::gui
