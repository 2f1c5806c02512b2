// SPDX-License-Identifier: Apache-2.0
#include "examine.h"

#include <algorithm>

#include "daybook/record/parts.h"

#include "erasures.h"

namespace daybook::ledger {

namespace {

bool is_known_name(const std::string& name) {
  return name == kIdentityFile || name == kCheckpointsFile || name == kMarkerFile ||
         name == kErasingFile || parse_journal_name(name).has_value() ||
         parse_segment_name(name).has_value();
}

}  // namespace

Examination::Examination(FileSystem& fs, FileSystem::Path data_dir, Options options)
    : fs_(fs),
      data_dir_(std::move(data_dir)),
      dir_(data_dir_ / kLedgerDir),
      options_(std::move(options)) {}

void Examination::fail(std::string file, std::optional<std::uint64_t> offset,
                       std::optional<std::uint64_t> index, std::string what) {
  if (failures.size() >= kFailuresMax) return;
  failures.push_back({std::move(file), offset, index, std::move(what)});
}

// The order matters beside a running writer: the marker first, checkpoints before the journal they
// cover, so that whatever is read later reaches at least as far.
Status Examination::run() {
  if (!read_small_files()) {
    DAYBOOK_ASSIGN_OR_RETURN(const auto listed, fs_.list(dir_));
    return {};
  }
  DAYBOOK_RETURN_IF_ERROR(read_checkpoints());
  DAYBOOK_RETURN_IF_ERROR(open_files());
  journal.end.chain = genesis_hash(identity->origin);
  DAYBOOK_RETURN_IF_ERROR(read_segments());
  if (broken_) return {};
  DAYBOOK_RETURN_IF_ERROR(read_journal());
  if (broken_) return {};
  judge_journal();
  if (checkpoints) judge_end();
  return {};
}

// A running writer turns journal files into segments: take the names when nothing changed while the
// files were opened.
Status Examination::open_files() {
  constexpr int kAttempts = 20;
  std::vector<std::string> names;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    DAYBOOK_ASSIGN_OR_RETURN(names, fs_.list(dir_));
    auto opened = open_journal_files(fs_, dir_, journal_files(names));
    if (!opened && opened.error().code == Errc::not_found) continue;
    if (!opened) return std::move(opened).error();
    files_ = *std::move(opened);
    DAYBOOK_ASSIGN_OR_RETURN(const auto now, fs_.list(dir_));
    if (now == names) break;
  }
  for (const std::string& name : names) {
    if (!is_known_name(name)) fail(in_ledger(name), {}, {}, "unknown file");
  }
  segment_firsts_ = segment_files(names);
  return {};
}

bool Examination::read_small_files() {
  auto found = read_marker(fs_, data_dir_);
  if (found) {
    marker = *found;
  } else {
    fail(in_ledger(kMarkerFile), 0, {}, found.error().context);
  }
  if (const auto erasures = read_erasures(fs_, data_dir_); !erasures) {
    fail(in_ledger(kErasingFile), 0, {}, erasures.error().context);
  }
  auto read = read_identity(fs_, data_dir_);
  if (!read) {
    const bool missing = read.error().code == Errc::not_found;
    fail(in_ledger(kIdentityFile), missing ? std::nullopt : std::optional<std::uint64_t>(0), {},
         missing ? "missing" : read.error().context);
    return false;
  }
  identity = *std::move(read);
  for (const std::string& vkey : identity->vkeys) {
    if (auto key = crypto::NoteVerifier::parse(vkey)) keys_.push_back(*std::move(key));
  }
  return true;
}

// After an unclean stop, or beside a running writer. A writer may also have begun since the start.
bool Examination::unclean() {
  if (marker) return true;
  const auto now = read_marker(fs_, data_dir_);
  return now && now->has_value();
}

Status Examination::read_checkpoints() {
  const std::string path = in_ledger(kCheckpointsFile);
  auto file = fs_.open(dir_ / kCheckpointsFile, OpenMode::read);
  if (!file) {
    fail(path, {}, {}, file.error().code == Errc::not_found ? "missing" : file.error().context);
    return {};
  }
  const File& opened = **file;
  struct Place {
    std::uint64_t size;
    std::uint64_t offset;
  };
  std::vector<Place> places;
  const auto walk = walk_checkpoints(
      opened, [&](const CheckpointFrame&, const Checkpoint& checkpoint, std::uint64_t offset) {
        places.push_back({checkpoint.size.value(), offset});
        return Status{};
      });
  if (!walk) {
    fail(path, {}, {}, walk.error().context);
    return {};
  }
  judge_checkpoints(*walk);
  checkpoints = std::make_unique<CheckpointStore>(*std::move(file), walk->end);
  for (const Place& place : places) checkpoints->add_loaded(place.size, place.offset);
  if (const Status loaded = checkpoints->finish_loading(); !loaded) {
    fail(path, walk->end, {}, loaded.error().context);
    checkpoints.reset();
  }
  return {};
}

void Examination::judge_checkpoints(const CheckpointsWalk& walk) {
  if (!walk.damage) {
    if (marker && walk.end < marker->checkpoints_end) {
      fail(in_ledger(kCheckpointsFile), walk.end, {}, "cut");
    }
    return;
  }
  const bool torn =
      !walk.damage->was_durable && unclean() && (!marker || walk.end >= marker->checkpoints_end);
  if (torn) {
    checkpoints_tail = walk.tail_bytes;
  } else {
    fail(in_ledger(kCheckpointsFile), walk.damage->offset, {}, walk.damage->what);
  }
}

Result<bool> Examination::find_journal_start() {
  if (sealed == 0 || (!files_.empty() && files_.begin()->first == 0)) return true;
  if (files_.empty()) {
    fail(in_ledger(journal_name(sealed)), {}, sealed, "the journal behind the segments is missing");
    return false;
  }
  const auto& [first, file] = *files_.begin();
  const auto header = read_file_header(*file, first);
  if (!header && header.error().code != Errc::corrupt) return header.error();
  if (!header || header->first_index != first) {
    // By the order of sealing at least one whole group stays behind the segments.
    fail(in_ledger(journal_name(first)), 0, sealed, "journal file header damaged or cut");
    return false;
  }
  if (first > sealed) {
    fail(in_ledger(journal_name(header->previous_file)), {}, sealed, "journal file is missing");
    return false;
  }
  journal.end = start_of(*header);
  return true;
}

Status Examination::read_journal() {
  DAYBOOK_ASSIGN_OR_RETURN(const bool has_start, find_journal_start());
  if (!has_start) {
    broken_ = true;
    return {};
  }
  if (journal.end.entries >= sealed) check_checkpoints_up_to(journal.end);
  std::optional<Error> of_caller;
  auto walk = walk_journal(files_, journal.end, [&](const GroupView& group) -> Status {
    Status checked = check_group(group);
    if (!checked && checked.error().code != Errc::corrupt) of_caller = checked.error();
    return checked;
  });
  if (of_caller) return *of_caller;
  if (walk) {
    journal = *std::move(walk);
    return {};
  }
  // Unreadable, or a group whose sum fits but whose records do not: either way found, named and not
  // torn.
  JournalDamage damage;
  damage.file = walk.error().path.empty() ? std::string(kLedgerDir)
                                          : FileSystem::Path(walk.error().path).filename().string();
  damage.offset = walk.error().offset.value_or(0);
  damage.index = range.size();
  damage.what = walk.error().context;
  damage.was_durable = true;
  journal.damage = std::move(damage);
  return {};
}

void Examination::report_progress() {
  if (!options_.progress) return;
  const std::uint64_t total =
      checkpoints ? std::max(checkpoints->latest().size.value(), range.size()) : range.size();
  options_.progress(range.size(), total);
}

Status Examination::check_group(const GroupView& group) {
  std::vector<Hash> leaves;
  leaves.reserve(group.header.count);
  DAYBOOK_RETURN_IF_ERROR(
      for_each_record(group, [&](const RecordView& record, const RecordPlace& place) -> Status {
        leaves.push_back(record::leaf_hash(record.commitments));
        if (options_.deep) check_record(record, place, group.file);
        if (place.index < range.size()) return {};  // In a segment already.
        if (record.erased != 0) ++erased;
        range.append(leaves.back());
        if (!options_.on_leaf) return {};
        return options_.on_leaf(place.index, leaves.back(), record.commitments);
      }));
  if (group.after.entries >= sealed) check_checkpoints_up_to(group.after);
  if (marker && group.after.entries == marker->journal.entries &&
      !(group.after == marker->journal)) {
    fail(in_ledger(journal_name(group.file)), group.offset, group.header.first_index,
         "not the journal that was there when the writer began");
  }
  report_progress();
  if (options_.on_group) return options_.on_group(group, leaves);
  return {};
}

void Examination::check_record(const RecordView& record, const RecordPlace& place,
                               std::uint64_t file) {
  const auto wrong = [&](const char* what) {
    fail(in_ledger(journal_name(file)), place.offset, place.index, what);
  };
  const StoredEntry entry = to_entry(EntryIndex(place.index), record);
  for (const auto part : {record::Part::event, record::Part::actor, record::Part::change}) {
    const Hash& stored = entry.commitments[static_cast<std::size_t>(part) - 1];
    if (!entry.is_erased(part) &&
        record::commit(part, entry.salt(part), entry.parts[part]) != stored) {
      wrong("a part does not match its commitment");
      return;
    }
  }
  const auto event = record::decode(entry.parts);
  if (!event) {
    wrong("a part is not an event");
  } else if (!entry.is_erased(record::Part::event) &&
             id_key(event->tenant_id.value_or(""), event->id) != record.key) {
    wrong("the name does not match the event");
  }
}

// Every checkpoint of a size up to the position must be of the tree and the journal as they are
// there.
void Examination::check_checkpoints_up_to(const JournalPosition& position) {
  if (!checkpoints) return;
  while (next_checkpoint_ < checkpoints->count() &&
         checkpoints->size_of(next_checkpoint_) <= position.entries) {
    check_checkpoint(next_checkpoint_++, &position);
  }
}

void Examination::check_checkpoint(std::size_t number, const JournalPosition* position) {
  const bool last = number + 1 == checkpoints->count();
  const auto loaded = checkpoints->load(number);
  const std::string path = in_ledger(kCheckpointsFile);
  if (!loaded) {
    fail(path, loaded.error().offset, {}, loaded.error().context);
    return;
  }
  if (position != nullptr && !(loaded->frame.journal == *position)) {
    fail(path, loaded->offset, {}, "checkpoint is not of this journal");
  } else if (loaded->checkpoint.root != range.root()) {
    fail(path, loaded->offset, {}, "checkpoint has another root than the entries");
  }
  if ((options_.deep || last) && !open_checkpoint(loaded->frame.note, keys_)) {
    fail(path, loaded->offset, {}, "checkpoint is not signed by the ledger's key");
  }
  if (loaded->checkpoint.origin != identity->origin) {
    fail(path, loaded->offset, {}, "checkpoint of another origin");
  }
  if (last && position != nullptr) {
    signed_range = range;
    signed_position = *position;
  }
}

void Examination::judge_journal() {
  if (!journal.damage) return;
  const JournalDamage& damage = *journal.damage;
  const bool signed_away = checkpoints && journal.end.entries < checkpoints->latest().size.value();
  const bool was_there = marker && journal.end.entries < marker->journal.entries;
  // Behind segments at least one whole group stays, so that nothing torn is the first file's.
  const bool whole_file = sealed == 0 || files_.contains(journal.end.file);
  if (!damage.was_durable && !signed_away && !was_there && whole_file && unclean()) {
    journal_torn = true;
    journal_tail = damage.tail_bytes;
  } else {
    fail(in_ledger(damage.file), damage.offset, damage.index, damage.what);
  }
}

// Whether the journal reaches as far as is known that it did.
void Examination::judge_end() {
  const std::uint64_t entries = journal.end.entries;
  const std::uint64_t covered = checkpoints->latest().size.value();
  const bool explained = journal.damage && !journal_torn;
  if (!explained && entries < covered) {
    const auto last = checkpoints->load(checkpoints->count() - 1);
    const std::uint64_t file = last ? last->frame.journal.file : journal.end.file;
    const bool cut = journal.end.end != 0 && file == journal.end.file;
    fail(in_ledger(journal_name(file)), cut ? std::optional(journal.end.end) : std::nullopt,
         entries, cut ? "cut: a signed checkpoint covers more" : "missing");
  } else if (!explained && marker && entries < marker->journal.entries) {
    fail(in_ledger(journal_name(marker->journal.file)), std::nullopt, entries, "cut or missing");
  } else if (!explained && entries > covered && !unclean()) {
    fail(in_ledger(kCheckpointsFile), checkpoints->end(), {},
         "the checkpoint over the last entries is missing");
  }
}

}  // namespace daybook::ledger
