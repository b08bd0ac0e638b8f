#pragma once

#include "engine/features/fft_tables.h"
#include "engine/features/lanes.h"

/// The spectrum of real signals, one signal a lane.
///
/// A real transform of length 2n is a complex one of length n over pairs of samples (even ones as
/// real, odd ones as imaginary parts), followed by one butterfly for each pair of bins. The complex
/// one is Stockham's: every pass reads one buffer and writes the other in the order the next pass
/// wants, so nothing is ever permuted. Passes have radix 8, 5 or 4.
///
/// Source:  Van Loan, "Computational Frameworks for the Fast Fourier Transform", 1.7 and 4.4.
namespace katip::engine {

template <class V>
struct ComplexLanes {
  V re;
  V im;
};

template <class V>
[[gnu::always_inline]] inline ComplexLanes<V> operator+(ComplexLanes<V> a, ComplexLanes<V> b) {
  return {a.re + b.re, a.im + b.im};
}
template <class V>
[[gnu::always_inline]] inline ComplexLanes<V> operator-(ComplexLanes<V> a, ComplexLanes<V> b) {
  return {a.re - b.re, a.im - b.im};
}
template <class V>
[[gnu::always_inline]] inline ComplexLanes<V> times(ComplexLanes<V> a, Twiddle w) {
  return {a.re * w.re - a.im * w.im, a.re * w.im + a.im * w.re};
}
/// a * -i.
template <class V>
[[gnu::always_inline]] inline ComplexLanes<V> turned(ComplexLanes<V> a) {
  return {a.im, -a.re};
}

template <class V>
[[gnu::always_inline]] inline void dft4(ComplexLanes<V>* a) {
  const ComplexLanes<V> sum02 = a[0] + a[2];
  const ComplexLanes<V> sum13 = a[1] + a[3];
  const ComplexLanes<V> difference02 = a[0] - a[2];
  const ComplexLanes<V> difference13 = turned(a[1] - a[3]);
  a[0] = sum02 + sum13;
  a[1] = difference02 + difference13;
  a[2] = sum02 - sum13;
  a[3] = difference02 - difference13;
}

template <class V>
[[gnu::always_inline]] inline void dft5(ComplexLanes<V>* a) {
  constexpr float kCos1 = 0.309016994f;
  constexpr float kCos2 = -0.809016994f;
  constexpr float kSin1 = 0.951056516f;
  constexpr float kSin2 = 0.587785252f;
  const ComplexLanes<V> sum14 = a[1] + a[4];
  const ComplexLanes<V> sum23 = a[2] + a[3];
  const ComplexLanes<V> difference14 = turned(a[1] - a[4]);
  const ComplexLanes<V> difference23 = turned(a[2] - a[3]);
  const ComplexLanes<V> even1 = {a[0].re + sum14.re * kCos1 + sum23.re * kCos2,
                                 a[0].im + sum14.im * kCos1 + sum23.im * kCos2};
  const ComplexLanes<V> even2 = {a[0].re + sum14.re * kCos2 + sum23.re * kCos1,
                                 a[0].im + sum14.im * kCos2 + sum23.im * kCos1};
  const ComplexLanes<V> odd1 = {difference14.re * kSin1 + difference23.re * kSin2,
                                difference14.im * kSin1 + difference23.im * kSin2};
  const ComplexLanes<V> odd2 = {difference14.re * kSin2 - difference23.re * kSin1,
                                difference14.im * kSin2 - difference23.im * kSin1};
  a[0] = a[0] + sum14 + sum23;
  a[1] = even1 + odd1;
  a[2] = even2 + odd2;
  a[3] = even2 - odd2;
  a[4] = even1 - odd1;
}

template <class V>
[[gnu::always_inline]] inline void dft8(ComplexLanes<V>* a) {
  constexpr float kSqrtHalf = 0.707106781f;
  ComplexLanes<V> even[4] = {a[0], a[2], a[4], a[6]};
  ComplexLanes<V> odd[4] = {a[1], a[3], a[5], a[7]};
  dft4(even);
  dft4(odd);
  odd[1] = {(odd[1].re + odd[1].im) * kSqrtHalf, (odd[1].im - odd[1].re) * kSqrtHalf};
  odd[2] = turned(odd[2]);
  odd[3] = {(odd[3].im - odd[3].re) * kSqrtHalf, (odd[3].re + odd[3].im) * -kSqrtHalf};
  for (int k = 0; k < 4; ++k) {
    a[k] = even[k] + odd[k];
    a[k + 4] = even[k] - odd[k];
  }
}

/// One pass of radix R over `out` and `in`, which are different buffers.
template <int R, class V>
void fft_pass(const FftPass& pass, const ComplexLanes<V>* in, ComplexLanes<V>* out) {
  for (int group = 0; group < pass.group_count; ++group) {
    const Twiddle* twiddles = pass.twiddles + group * (R - 1);
    for (int q = 0; q < pass.stride; ++q) {
      ComplexLanes<V> a[R];
      for (int j = 0; j < R; ++j) {
        a[j] = in[q + pass.stride * (group + pass.group_count * j)];
      }
      if constexpr (R == 8) dft8(a);
      if constexpr (R == 5) dft5(a);
      if constexpr (R == 4) dft4(a);
      ComplexLanes<V>* target = out + q + pass.stride * R * group;
      target[0] = a[0];
      for (int j = 1; j < R; ++j) {
        target[pass.stride * j] = group == 0 ? a[j] : times(a[j], twiddles[j - 1]);
      }
    }
  }
}

/// The complex transform of `data`; `spare` is as long. Returns the one that holds the result.
template <class V>
ComplexLanes<V>* fft_lanes(const FftPlan& plan, ComplexLanes<V>* data, ComplexLanes<V>* spare) {
  for (int i = 0; i < plan.pass_count; ++i) {
    const FftPass& pass = plan.passes[i];
    if (pass.radix == 8) fft_pass<8>(pass, data, spare);
    if (pass.radix == 5) fft_pass<5>(pass, data, spare);
    if (pass.radix == 4) fft_pass<4>(pass, data, spare);
    ComplexLanes<V>* const swapped = data;
    data = spare;
    spare = swapped;
  }
  return data;
}

/// power[k] = |X[k]|^2, k = 0 ... n, from the complex transform z of length n of the paired
/// samples.
///
/// The samples must have been scaled by 1/2 beforehand: that is the half of the butterfly.
template <class V>
void power_of_real(const FftPlan& plan, const ComplexLanes<V>* z, V* power) {
  const int n = plan.size;
  const V first = 2.0f * (z[0].re + z[0].im);
  const V last = 2.0f * (z[0].re - z[0].im);
  power[0] = first * first;
  power[n] = last * last;
  power[n / 2] = 4.0f * (z[n / 2].re * z[n / 2].re + z[n / 2].im * z[n / 2].im);
  for (int k = 1; k < n / 2; ++k) {
    const ComplexLanes<V> a = z[k];
    const ComplexLanes<V> b = z[n - k];
    const ComplexLanes<V> even = {a.re + b.re, a.im - b.im};
    const ComplexLanes<V> odd = times(ComplexLanes<V>{a.im + b.im, b.re - a.re}, plan.split[k]);
    const ComplexLanes<V> low = even + odd;
    const ComplexLanes<V> high = even - odd;
    power[k] = low.re * low.re + low.im * low.im;
    power[n - k] = high.re * high.re + high.im * high.im;
  }
}

}  // namespace katip::engine
