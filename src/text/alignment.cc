#include "text/alignment.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <utility>

// How it works: D[i][j] is the distance of the first i items of the reference to the first j of the
// hypothesis. Neighbouring cells differ by at most one, so a column is kept as two bit vectors (one
// bit per row: the cell is one more, or one less, than the cell above it), and one column follows
// from the last by a dozen instructions per 64 rows. To find the way and not only its length, the
// hypothesis is cut in the middle: the last column from the front and the last column from the back
// together tell where the best way crosses the cut; each half is then solved on its own. Pieces of
// few cells are solved in a plain table.
// Tested by alignment_test.cc.
namespace katip::text {
namespace {

using Items = std::span<const std::uint32_t>;

constexpr std::size_t kTableCellsMax = 1 << 16;
constexpr std::size_t kBlockBits = 64;

/// One column of D as the differences of its cells downwards, advanced item by item.
class Column {
 public:
  explicit Column(const std::vector<std::uint32_t>& reference)
      : row_count_(reference.size()),
        plus_((row_count_ + kBlockBits - 1) / kBlockBits, ~std::uint64_t{0}),
        minus_(plus_.size(), 0),
        equal_(plus_.size(), 0) {
    places_.reserve(row_count_);
    for (std::size_t row = 0; row < row_count_; ++row) {
      places_.emplace_back(reference[row], row);
    }
    std::ranges::sort(places_);
  }

  void advance(std::uint32_t item) {
    const auto places = std::ranges::equal_range(places_, item, {}, &Place::first);
    for (const Place& place : places) {
      equal_[place.second / kBlockBits] |= bit(place.second);
    }
    int carry = 1;  // D[0][j] grows by one with every column.
    for (std::size_t block = 0; block < plus_.size(); ++block) {
      carry = advance_block(block, carry);
    }
    for (const Place& place : places) {
      equal_[place.second / kBlockBits] = 0;
    }
    ++column_;
  }

  /// D[0..n][j].
  [[nodiscard]] std::vector<std::size_t> distances() const {
    std::vector<std::size_t> distances(row_count_ + 1, column_);
    for (std::size_t row = 0; row < row_count_; ++row) {
      distances[row + 1] = distances[row];
      if ((plus_[row / kBlockBits] & bit(row)) != 0) {
        ++distances[row + 1];
      } else if ((minus_[row / kBlockBits] & bit(row)) != 0) {
        --distances[row + 1];
      }
    }
    return distances;
  }

 private:
  using Place = std::pair<std::uint32_t, std::size_t>;  ///< An item and its row.

  static std::uint64_t bit(std::size_t row) { return std::uint64_t{1} << (row % kBlockBits); }

  /// Takes and returns the difference to the right, at the upper and at the lower edge.
  int advance_block(std::size_t block, int carry) {
    const std::uint64_t carry_minus = carry < 0 ? 1 : 0;
    const std::uint64_t carry_plus = carry > 0 ? 1 : 0;
    std::uint64_t& plus = plus_[block];
    std::uint64_t& minus = minus_[block];
    const std::uint64_t vertical = equal_[block] | minus;
    const std::uint64_t equal = equal_[block] | carry_minus;
    const std::uint64_t horizontal = (((equal & plus) + plus) ^ plus) | equal;
    std::uint64_t right_plus = minus | ~(horizontal | plus);
    std::uint64_t right_minus = plus & horizontal;
    const int carry_out = static_cast<int>(right_plus >> (kBlockBits - 1)) -
                          static_cast<int>(right_minus >> (kBlockBits - 1));
    right_plus = (right_plus << 1) | carry_plus;
    right_minus = (right_minus << 1) | carry_minus;
    plus = right_minus | ~(vertical | right_plus);
    minus = right_plus & vertical;
    return carry_out;
  }

  std::size_t row_count_ = 0;
  std::size_t column_ = 0;
  std::vector<std::uint64_t> plus_;   ///< Per row: one more than the row above.
  std::vector<std::uint64_t> minus_;  ///< Per row: one less.
  std::vector<std::uint64_t> equal_;  ///< All zero between two calls of advance().
  std::vector<Place> places_;         ///< Sorted.
};

std::vector<std::size_t> last_column(Items reference, Items hypothesis) {
  Column column({reference.begin(), reference.end()});
  for (const std::uint32_t item : hypothesis) {
    column.advance(item);
  }
  return column.distances();
}

std::vector<std::size_t> last_column_from_behind(Items reference, Items hypothesis) {
  Column column({reference.rbegin(), reference.rend()});
  for (auto item = hypothesis.rbegin(); item != hypothesis.rend(); ++item) {
    column.advance(*item);
  }
  return column.distances();
}

/// Solves pieces and appends their edits, from the front to the back.
class Aligner {
 public:
  Aligner(Items reference, Items hypothesis) : reference_(reference), hypothesis_(hypothesis) {}

  std::vector<Edit> run() {
    solve({0, reference_.size(), 0, hypothesis_.size()});
    return std::move(edits_);
  }

 private:
  struct Piece {
    std::size_t reference_begin = 0;
    std::size_t reference_end = 0;
    std::size_t hypothesis_begin = 0;
    std::size_t hypothesis_end = 0;

    [[nodiscard]] std::size_t rows() const { return reference_end - reference_begin; }
    [[nodiscard]] std::size_t columns() const { return hypothesis_end - hypothesis_begin; }
  };

  void solve(Piece piece) {
    while (piece.rows() > 0 && piece.columns() > 0 &&
           reference_[piece.reference_begin] == hypothesis_[piece.hypothesis_begin]) {
      edits_.push_back({EditKind::kMatch, piece.reference_begin++, piece.hypothesis_begin++});
    }
    const Piece whole = piece;
    while (piece.rows() > 0 && piece.columns() > 0 &&
           reference_[piece.reference_end - 1] == hypothesis_[piece.hypothesis_end - 1]) {
      --piece.reference_end;
      --piece.hypothesis_end;
    }
    if (piece.rows() < 2 || piece.columns() < 2 ||
        piece.rows() <= kTableCellsMax / piece.columns()) {
      solve_in_table(piece);
    } else {
      solve_in_halves(piece);
    }
    for (std::size_t i = piece.reference_end, j = piece.hypothesis_end; i < whole.reference_end;) {
      edits_.push_back({EditKind::kMatch, i++, j++});
    }
  }

  void solve_in_halves(const Piece& piece) {
    const std::size_t cut = piece.hypothesis_begin + piece.columns() / 2;
    const Items rows = reference_.subspan(piece.reference_begin, piece.rows());
    const std::vector<std::size_t> front = last_column(
        rows, hypothesis_.subspan(piece.hypothesis_begin, cut - piece.hypothesis_begin));
    const std::vector<std::size_t> back =
        last_column_from_behind(rows, hypothesis_.subspan(cut, piece.hypothesis_end - cut));
    std::size_t best = 0;
    for (std::size_t row = 1; row <= rows.size(); ++row) {
      if (front[row] + back[rows.size() - row] < front[best] + back[rows.size() - best]) {
        best = row;
      }
    }
    const std::size_t crossing = piece.reference_begin + best;
    solve({piece.reference_begin, crossing, piece.hypothesis_begin, cut});
    solve({crossing, piece.reference_end, cut, piece.hypothesis_end});
  }

  void solve_in_table(const Piece& piece) {
    const std::size_t width = piece.columns() + 1;
    std::vector<std::uint32_t> table((piece.rows() + 1) * width);
    for (std::size_t i = 0; i <= piece.rows(); ++i) {
      for (std::size_t j = 0; j < width; ++j) {
        table[i * width + j] = static_cast<std::uint32_t>(
            i == 0 || j == 0 ? i + j : cell(table, width, i, j, same(piece, i, j)));
      }
    }
    const std::size_t first = edits_.size();
    std::size_t i = piece.rows();
    std::size_t j = piece.columns();
    while (i > 0 || j > 0) {
      const EditKind kind = step_back(table, width, i, j, i > 0 && j > 0 && same(piece, i, j));
      i -= kind == EditKind::kInsertion ? 0 : 1;
      j -= kind == EditKind::kDeletion ? 0 : 1;
      edits_.push_back({kind, piece.reference_begin + i, piece.hypothesis_begin + j});
    }
    std::reverse(edits_.begin() + static_cast<std::ptrdiff_t>(first), edits_.end());
  }

  [[nodiscard]] bool same(const Piece& piece, std::size_t i, std::size_t j) const {
    return reference_[piece.reference_begin + i - 1] == hypothesis_[piece.hypothesis_begin + j - 1];
  }

  static std::uint32_t cell(const std::vector<std::uint32_t>& table, std::size_t width,
                            std::size_t i, std::size_t j, bool same) {
    const std::uint32_t diagonal = table[(i - 1) * width + j - 1] + (same ? 0 : 1);
    return std::min({diagonal, table[(i - 1) * width + j] + 1, table[i * width + j - 1] + 1});
  }

  /// The last step of a shortest way to (i, j): along the diagonal where that is one.
  static EditKind step_back(const std::vector<std::uint32_t>& table, std::size_t width,
                            std::size_t i, std::size_t j, bool same) {
    const std::uint32_t here = table[i * width + j];
    if (i > 0 && j > 0 && table[(i - 1) * width + j - 1] + (same ? 0 : 1) == here) {
      return same ? EditKind::kMatch : EditKind::kSubstitution;
    }
    return i > 0 && table[(i - 1) * width + j] + 1 == here ? EditKind::kDeletion
                                                           : EditKind::kInsertion;
  }

  Items reference_;
  Items hypothesis_;
  std::vector<Edit> edits_;
};

}  // namespace

std::vector<Edit> align(std::span<const std::uint32_t> reference,
                        std::span<const std::uint32_t> hypothesis) {
  return Aligner(reference, hypothesis).run();
}

std::vector<Edit> align(std::span<const std::string> reference,
                        std::span<const std::string> hypothesis) {
  std::unordered_map<std::string_view, std::uint32_t> ids;
  const auto id_of = [&](const std::string& item) {
    return ids.try_emplace(item, static_cast<std::uint32_t>(ids.size())).first->second;
  };
  std::vector<std::uint32_t> reference_ids(reference.size());
  std::vector<std::uint32_t> hypothesis_ids(hypothesis.size());
  std::ranges::transform(reference, reference_ids.begin(), id_of);
  std::ranges::transform(hypothesis, hypothesis_ids.begin(), id_of);
  return align(std::span<const std::uint32_t>(reference_ids),
               std::span<const std::uint32_t>(hypothesis_ids));
}

std::size_t distance(std::span<const std::uint32_t> reference,
                     std::span<const std::uint32_t> hypothesis) {
  return last_column(reference, hypothesis).back();
}

}  // namespace katip::text
