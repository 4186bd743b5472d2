// Digests depend on bytes alone: not on grouping, copies, buffers or the order of named parts.
#include <boost/test/unit_test.hpp>
#include <vector>

#include "sim/kernel/digest.h"
#include "sim/kernel/draw.h"

using namespace rehearse;

namespace {

std::vector<unsigned char> some_bytes(std::size_t size) {
  std::vector<unsigned char> bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<unsigned char>(finalise(i + 1));
  return bytes;
}

Digest128 of(const void* bytes, std::size_t size) {
  const XXH128_hash_t hash = XXH3_128bits(bytes, size);
  return {hash.low64, hash.high64};
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_digest_is_xxh3_of_the_bytes_whatever_the_grouping) {
  for (const std::size_t size : {0u, 1u, 16u, 240u, 241u, 2047u, 2048u, 2049u, 100'000u}) {
    const auto bytes = some_bytes(size);
    const Digest128 whole = of(bytes.data(), size);
    for (const std::size_t part : {1u, 7u, 64u, 2048u, 5000u}) {
      Digest digest;
      for (std::size_t at = 0; at < size; at += part) digest.add_bytes(bytes.data() + at, std::min(part, size - at));
      BOOST_TEST((digest.value() == whole), "size " << size << " part " << part);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_field_is_eight_little_endian_bytes) {
  Digest fields, bytes;
  for (std::uint64_t i = 0; i < 2000; ++i) {
    const std::uint64_t field = finalise(i);
    fields.add(field);
    for (int shift = 0; shift < 64; shift += 8) {
      const auto byte = static_cast<unsigned char>(field >> shift);
      bytes.add_bytes(&byte, 1);
    }
    if (i % 100 == 0) BOOST_REQUIRE((fields.value() == bytes.value()));
  }
  BOOST_TEST((fields.value() == bytes.value()));
}

BOOST_AUTO_TEST_CASE(fields_that_follow_odd_bytes_are_kept_whole_across_the_buffer) {
  for (std::size_t odd = 1; odd < 9; ++odd) {
    const auto prefix = some_bytes(2048 - odd);
    Digest digest;
    digest.add_bytes(prefix.data(), prefix.size());
    digest.add(0x0123456789abcdefULL);
    auto all = prefix;
    for (const unsigned char byte : {0xef, 0xcd, 0xab, 0x89, 0x67, 0x45, 0x23, 0x01}) all.push_back(byte);
    BOOST_TEST((digest.value() == of(all.data(), all.size())));
  }
}

BOOST_AUTO_TEST_CASE(many_fields_at_once_are_fields_one_by_one) {
  std::vector<std::uint64_t> fields;
  Digest one_by_one, at_once;
  for (std::uint64_t i = 0; i < 40; ++i) {
    fields.push_back(i * 0x0123456789abcdefULL);
    for (const std::uint64_t field : fields) one_by_one.add(field);
    at_once.add(std::span<const std::uint64_t>(fields));
  }
  BOOST_TEST((one_by_one.value() == at_once.value()));
}

BOOST_AUTO_TEST_CASE(texts_are_told_apart_by_their_lengths) {
  Digest a, b;
  a.add("ab");
  a.add("c");
  b.add("a");
  b.add("bc");
  BOOST_TEST(!(a.value() == b.value()));
}

BOOST_AUTO_TEST_CASE(a_copy_goes_on_alone) {
  for (const std::size_t size : {10u, 10'000u}) {
    const auto bytes = some_bytes(size);
    Digest first;
    first.add_bytes(bytes.data(), size);
    Digest second(first);
    Digest third;
    third.add(1u);
    third = first;
    const Digest128 before = first.value();
    second.add(1u);
    BOOST_TEST((first.value() == before));
    BOOST_TEST((third.value() == before));
    BOOST_TEST(!(second.value() == before));
    first.add(1u);
    BOOST_TEST((first.value() == second.value()));
    third = std::move(first);
    BOOST_TEST((third.value() == second.value()));
  }
}

BOOST_AUTO_TEST_CASE(reading_the_value_does_not_change_what_follows) {
  Digest read, unread;
  for (std::uint64_t i = 0; i < 5000; ++i) {
    read.add(i);
    unread.add(i);
    if (i % 777 == 0) read.value();
  }
  BOOST_TEST((read.value() == unread.value()));
}

BOOST_AUTO_TEST_CASE(parts_combine_by_name_in_any_order) {
  const Digest128 one{1, 2}, two{3, 4};
  BOOST_TEST((combine({{"a", one}, {"b", two}}) == combine({{"b", two}, {"a", one}})));
  BOOST_TEST(!(combine({{"a", one}, {"b", two}}) == combine({{"a", two}, {"b", one}})));
}

BOOST_AUTO_TEST_CASE(hex_is_high_half_first_and_golden) {
  BOOST_TEST((Digest128{0x1ULL, 0xabcdef0000000000ULL}.hex()) == "abcdef00000000000000000000000001");
  Digest digest;
  digest.add("orders");
  digest.add(42u);
  BOOST_TEST(digest.value().hex() == "b847df4507373903f794a56743a76a72");
}
