# The commands of the project; `make help` lists them. Each one sets up what it needs first.
SHELL := /bin/bash
.DEFAULT_GOAL := build

DEMO_FOLDER := /usr/share/pocketsphinx/test/data/librivox
DEMO_CLIP := sense_and_sensibility_01_austen_64kb-0870
PREFIX ?= /usr/local
FUZZ_SECONDS ?= 30

# preset NAME: configures build/NAME once; Ninja notices later changes of the CMake files itself.
preset = @test -f build/$(1)/build.ninja || cmake --preset $(1)

.PHONY: build
build: install ## Build build/release/katip
	$(call preset,release)
	@cmake --build build/release --target katip

# Tests, benchmarks and fuzz targets too.
.PHONY: everything
everything: build
	@cmake --build build/release

.PHONY: demo
demo: build ## Set up, build and transcribe a real recording
	@echo
	@echo "== A reader of Jane Austen, 7 seconds (pocketsphinx-testdata) =="
	build/release/katip transcribe --model base $(DEMO_FOLDER)/$(DEMO_CLIP).wav
	@echo
	@echo "== What was read, as the recording's own reference has it =="
	@sed -n 's|<s> \(.*\) </s> ($(DEMO_CLIP))|\1|p' $(DEMO_FOLDER)/transcription
	@echo
	@echo "Next, with a recording of yours:"
	@echo "  build/release/katip transcribe talk.mp4                     the text, on the terminal"
	@echo "  build/release/katip transcribe talk.mp4 -f srt,docx -o out  subtitles and a document"
	@echo "  build/release/katip --help                                  everything else"

.PHONY: test
test: install ## Run every test but the slow ones (what CI runs)
	@tools/run_tests

.PHONY: test-slow
test-slow: everything ## Run the slow tests: hours of audio, every file format
	@ctest --test-dir build/release --output-on-failure --label-regex slow

.PHONY: lint
lint: everything ## Check format and clang-tidy; FILES="a.cc b.cc" for some
	@tools/lint $(FILES)

.PHONY: format
format: ## Rewrite all C++ files in the project's format
	@find src tests bench fuzz tools -name '*.cc' -o -name '*.h' | xargs clang-format-19 -i

.PHONY: bench
bench: everything ## Run the micro-benchmarks; docs/benchmarks.md has the comparison
	@for program in build/release/bench/bench_*; do \
	  [[ -x $$program && -f $$program ]] && { echo "== $$program"; $$program || exit 1; }; done

.PHONY: asan
asan: install ## Unit tests and fuzz corpora under AddressSanitizer and UBSan
	@tools/run_tests asan

.PHONY: tsan
tsan: install ## Unit tests that do not enter OpenVINO, under ThreadSanitizer
	@tools/run_tests tsan

.PHONY: fuzz
fuzz: install ## Fuzz every target for FUZZ_SECONDS (30) each
	$(call preset,fuzz)
	@cmake --build build/fuzz --target fuzzers
	@tools/run_fuzzers $(FUZZ_SECONDS)

.PHONY: coverage
coverage: install ## Line coverage of the unit tests (wants gcovr and llvm-19)
	$(call preset,coverage)
	@cmake --build build/coverage --target unit_tests
	@find build/coverage -name '*.gcda' -delete
	@ctest --test-dir build/coverage --output-on-failure --label-regex '^unit$$'
	@gcovr --root . --filter src/ --exclude '.*_test\.cc' --print-summary \
	  --gcov-executable "llvm-cov-19 gcov" build/coverage

.PHONY: install
install: ## Install dependencies at their pinned versions; LOOSE=1 takes the newest
	@LOOSE=$(LOOSE) tools/setup

.PHONY: package
package: everything ## Make build/release/katip-*.tar.gz: program, libraries and default model
	@cd build/release && cpack -G TGZ

.PHONY: clean
clean: ## Remove build folders; .deps/ stays (rm -r .deps starts afresh)
	rm -rf build

.PHONY: help
help: ## Show this list
	@awk -F':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
