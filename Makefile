# weir - one non-recursive makefile. `make help` lists the targets.
#
# MODE=asan|tsan|cov builds into build/$(MODE) with that instrumentation.
# V=1 shows the commands. WERROR=1 turns warnings into errors (CI does).

MODE    ?= release
O       := build/$(MODE)
CC      ?= gcc
PREFIX  ?= /usr/local
PKGS    := libnghttp2 libssl libcrypto libuv libprotobuf-c libcurl nettle \
           jansson sqlite3 ncursesw libsecp256k1 libseccomp gmp
# FFmpeg's headers only: src/media/ffmpeg_load.c finds the rest in workers.
HEADERS := libavcodec libavformat libavfilter libavutil
VERSION := $(shell cat VERSION)

# Before `make deps` there may be no pkg-config to ask; build/.deps tells.
PKG_CFLAGS := $(shell pkg-config --cflags $(PKGS) $(HEADERS) 2>/dev/null)
PKG_LIBS   := $(shell pkg-config --libs $(PKGS) 2>/dev/null)

CFLAGS_release := -O2 -D_FORTIFY_SOURCE=2
CFLAGS_asan    := -O1 -fsanitize=address,undefined -fno-sanitize-recover=undefined
CFLAGS_tsan    := -O1 -fsanitize=thread
CFLAGS_cov     := -O0 --coverage
CFLAGS_fuzz    := -O1 -fsanitize=fuzzer-no-link,address,undefined

WARN := -Wall -Wextra -Wshadow -Wmissing-prototypes -Wstrict-prototypes \
        -Wcast-qual -Wwrite-strings -Wundef -Wvla -Wformat=2 \
        $(if $(WERROR),-Werror)
CPPFLAGS += -D_GNU_SOURCE -DWEIR_VERSION='"$(VERSION)"' -I. -I$(O)/gen \
            $(PKG_CFLAGS)
CFLAGS   ?= -g $(CFLAGS_$(MODE))
CFLAGS   += -std=gnu17 -pthread -fPIE -fno-strict-aliasing \
            -fstack-protector-strong -fno-omit-frame-pointer $(WARN)
LDFLAGS  += -pie -Wl,-z,relro,-z,now $(filter -fsanitize%,$(CFLAGS_$(MODE))) \
            $(filter --coverage,$(CFLAGS_$(MODE)))
LIBS     := $(PKG_LIBS) -lhttp_parser -lm -ldl -pthread

Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-6s %s\n' $(1) $(2))

SRCS   := $(wildcard src/*/*.c db/*.c proto/*.c ui/*.c ui/panels/*.c)
GEN    := $(patsubst %.proto,$(O)/gen/%.pb-c.c,$(wildcard proto/*.proto))
OBJS   := $(SRCS:%.c=$(O)/%.o) $(GEN:.c=.o)
TESTS  := $(patsubst %.c,$(O)/%,$(wildcard tests/unit/test_*.c))
# Those that draw the screens of tests/tui/golden.
DRAWN  := $(patsubst %.c,$(O)/%,$(shell grep -l unit/scene.h tests/unit/test_*.c))
FUZZ_BINS := $(patsubst %.c,$(O)/%,$(wildcard tests/fuzz/fuzz_*.c))

# How the peers of tests/ run: Debian's python, whatever PATH says.
PYTEST := WEIR=$(abspath $(O)/weir) BUILD=$(abspath build) MODE=$(MODE) \
          PYTHONDONTWRITEBYTECODE=1 \
          /usr/bin/python3 -m pytest -n $(or $(PYTEST_JOBS),3)
# A driver's NVML for machines that have none; not instrumented, so that any
# process can load it.
FAKE_NVML := build/nvml/libnvidia-ml.so.1
# What the development chain is made with, and its contracts; build/ keeps both.
CHAIN  := BUILD=$(abspath build) /usr/bin/python3 -B contrib/devnet/toolchain.py
export ASAN_OPTIONS ?= detect_leaks=1:abort_on_error=0:print_summary=1
export LSAN_OPTIONS ?= suppressions=$(abspath tests/lsan.supp):print_suppressions=0
export UBSAN_OPTIONS ?= print_stacktrace=1
export TSAN_OPTIONS ?= ignore_noninstrumented_modules=1:halt_on_error=0:exitcode=66:suppressions=$(abspath tests/tsan.supp)

all: weir
.PHONY: all help deps unit lint fuzz fuzz-run fuzz-check fuzz-replay interop \
        tui golden soak soak-run campaign check ci demo devnet bench bench-run fmt tags install \
        dist clean

## make              build ./weir
# Whichever MODE was built last is in ./weir, so times alone say nothing.
weir: $(O)/weir FORCE
	$(Q)cmp -s $< $@ || cp -f $< $@
FORCE:

$(O)/weir: $(O)/src/main.o $(O)/libweir.a
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LIBS)

$(O)/libweir.a: $(OBJS)
	$(call say,AR,$@)
	$(Q)rm -f $@ && ar rcs $@ $^

.SECONDARY: $(GEN)
$(O)/gen/proto/%.pb-c.c: proto/%.proto | build/.deps
	$(call say,PROTO,$<)
	$(Q)mkdir -p $(O)/gen && protoc-c --c_out=$(O)/gen $<
$(O)/gen/proto/%.pb-c.o: $(O)/gen/proto/%.pb-c.c
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -w -c -o $@ $<

$(O)/%.o: %.c | $(GEN) build/.deps
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D) && $(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(O)/tests/unit/%: tests/unit/%.c $(O)/libweir.a
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D) && $(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP $(LDFLAGS) \
		-o $@ $< $(O)/libweir.a $(LIBS) -lcmocka

# A fuzz target is driven by libFuzzer (MODE=fuzz) or by our replay of files.
FUZZ_MAIN := $(if $(filter fuzz,$(MODE)),-fsanitize=fuzzer,tests/fuzz/replay.c)
$(O)/tests/fuzz/%: tests/fuzz/%.c $(O)/libweir.a $(wildcard tests/fuzz/replay.c)
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D) && $(CC) $(CPPFLAGS) $(CFLAGS) \
		-Wno-missing-prototypes $(LDFLAGS) -o $@ $< $(FUZZ_MAIN) \
		$(O)/libweir.a $(LIBS)

# Programs that tests/bench and tests/interop run.
$(O)/tests/%: tests/%.c $(O)/libweir.a
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D) && $(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) \
		-o $@ $< $(O)/libweir.a $(LIBS)

## make deps         what is missing of Debian's packages, and contrib/devnet's
deps:
	$(Q)contrib/scripts/install-deps && mkdir -p build && touch build/.deps
	$(Q)$(CHAIN)
build/.deps: contrib/scripts/install-deps
	$(Q)contrib/scripts/install-deps --check && mkdir -p build && touch $@

## make unit         unit tests (MODE=asan|tsan to instrument)
unit: $(TESTS)
	$(Q)contrib/scripts/run-unit $(TESTS)

## make lint         layers, homes of libraries, banned calls, style
lint:
	$(Q)contrib/scripts/lint

## make fuzz-check   replay tests/fuzz/corpora under ASan and UBSan
fuzz-check:
	$(Q)$(MAKE) --no-print-directory MODE=asan fuzz-replay
fuzz-replay: $(FUZZ_BINS) build/failmalloc.so
	$(Q)contrib/scripts/run-fuzz $(FUZZ_BINS)
## make fuzz FUZZ=h2 TIME=60   libFuzzer on tests/fuzz/fuzz_h2.c, TIME seconds
fuzz:
	$(Q)contrib/scripts/install-deps --fuzz
	$(Q)$(MAKE) --no-print-directory MODE=fuzz CC=clang fuzz-run
fuzz-run: $(O)/tests/fuzz/fuzz_$(FUZZ)
	$(Q)mkdir -p $(O)/corpora/$(FUZZ)
	$(Q)$< -max_total_time=$(or $(TIME),60) -timeout=10 -rss_limit_mb=2048 \
		-artifact_prefix=$(O)/ $(O)/corpora/$(FUZZ) tests/fuzz/corpora/$(FUZZ)

## make interop      peers nobody here wrote: gRPC, curl, ffmpeg, librtmp
interop: $(O)/weir $(FAKE_NVML) $(patsubst %.c,$(O)/%,$(wildcard tests/interop/*.c))
	$(Q)$(CHAIN)
	$(Q)$(PYTEST) tests/interop $(ARGS)
## make tui          the console in a terminal emulator
tui: $(O)/weir $(DRAWN)
	$(Q)$(PYTEST) tests/tui $(ARGS)
## make golden       the console's screens anew, after a change that is meant
golden: $(DRAWN)
	$(Q)rm -f tests/tui/golden/*
	$(Q)for t in $(DRAWN); do GOLDEN=write $$t >$$t.log 2>&1 || \
		{ cat $$t.log; failed=1; }; done; [ -z "$$failed" ]
	$(Q)git diff --stat -- tests/tui/golden
## make soak         random keys, sizes and nodes for TIME=600 s under ASan
soak:
	$(Q)$(MAKE) --no-print-directory MODE=asan soak-run
soak-run: $(O)/weir
	$(Q)WEIR=$(abspath $<) /usr/bin/python3 -B tests/tui/soak.py \
		$(or $(TIME),600) $(SEED)
## make campaign     inject faults, count survivors; hours, or CAMPAIGN_N=short
campaign: $(O)/weir build/failmalloc.so
	$(Q)$(CHAIN)
	$(Q)WEIR=$(abspath $<) BUILD=$(abspath build) MODE=$(MODE) \
		CAMPAIGN_N=$(or $(CAMPAIGN_N),full) \
		/usr/bin/python3 -B tests/campaign/run.py $(ARGS)

# Makes the allocations of what it is preloaded to fail. Not instrumented, since
# it runs before a sanitizer does.
build/failmalloc.so: tests/campaign/failmalloc.c tests/campaign/failmalloc.h
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D) && $(CC) -D_GNU_SOURCE -I. -O2 -g -std=gnu17 $(WARN) \
		-fPIC -shared -o $@ $<
$(O)/tests/unit/test_mem: | build/failmalloc.so

$(FAKE_NVML): tests/peers/fake_nvml.c
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D) && $(CC) -O2 -g -std=gnu17 $(WARN) -D_GNU_SOURCE -fPIC 		-shared -o $@ $<
$(O)/tests/unit/test_pool_gpus: | $(FAKE_NVML)

## make check        everything above; ends with "N passed, N failed"
check: deps
	$(Q)contrib/scripts/check "$(MAKE)" $(MODE)
## make demo         one node, a publisher, a console: watch it work
demo: deps
	$(Q)$(MAKE) --no-print-directory weir
	$(Q)contrib/scripts/demo ./weir
## make devnet       a chain with the protocol's contracts (ARGS=--help)
devnet: deps
	$(Q)BUILD=$(abspath build) contrib/devnet/devnet $(ARGS)
## make bench        what the node costs beside the codec (ARGS=rtmp: a part)
bench: deps
	$(Q)$(MAKE) --no-print-directory weir bench-run
bench-run: $(O)/weir $(patsubst %.c,$(O)/%,$(wildcard tests/bench/*.c))
	$(Q)WEIR=$(abspath $<) BUILD=$(abspath build) \
		PROGRAMS=$(abspath $(O))/tests/bench \
		/usr/bin/python3 -B tests/bench/run.py $(ARGS)

## make install      to $(DESTDIR)$(PREFIX), with what goes beside the program
install: weir
	install -Dm755 weir $(DESTDIR)$(PREFIX)/bin/weir
	contrib/scripts/install-extras ./weir "$(DESTDIR)$(PREFIX)" "$(PREFIX)"

## make fmt, tags, dist, clean
fmt:
	git ls-files '*.c' '*.h' | xargs clang-format -i
tags:
	git ls-files '*.c' '*.h' '*.def' | ctags -L -
dist:
	mkdir -p build
	git archive --prefix=weir-$(VERSION)/ -o build/weir-$(VERSION).tar.gz HEAD
clean:
	rm -rf build weir
help:
	@sed -n 's/^## //p' $(MAKEFILE_LIST)

-include $(OBJS:.o=.d) $(O)/src/main.d $(TESTS:=.d)
