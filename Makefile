# weir - one non-recursive makefile. `make help` lists the targets.
#
# MODE=asan|tsan|cov builds into build/$(MODE) with that instrumentation.
# V=1 shows the commands. WERROR=1 turns warnings into errors (CI does).

MODE    ?= release
O       := build/$(MODE)
CC      ?= gcc
PKGS    := libnghttp2 libssl libcrypto libuv libprotobuf-c libcurl nettle \
           jansson sqlite3 libavcodec libavformat libavfilter libavutil \
           ncursesw libsecp256k1 libseccomp
CHECKED := cmocka

VERSION := $(shell cat VERSION)

CFLAGS_release := -O2 -D_FORTIFY_SOURCE=2
CFLAGS_asan    := -O1 -fsanitize=address,undefined -fno-sanitize-recover=undefined
CFLAGS_tsan    := -O1 -fsanitize=thread
CFLAGS_cov     := -O0 --coverage

WARN := -Wall -Wextra -Wshadow -Wmissing-prototypes -Wstrict-prototypes \
        -Wcast-qual -Wwrite-strings -Wundef -Wvla -Wformat=2 \
        $(if $(WERROR),-Werror)
CPPFLAGS += -D_GNU_SOURCE -DWEIR_VERSION='"$(VERSION)"' -I. -I$(O)/gen \
            $(shell pkg-config --cflags $(PKGS))
CFLAGS   ?= -g $(CFLAGS_$(MODE))
CFLAGS   += -std=gnu17 -pthread -fPIE -fno-strict-aliasing \
            -fstack-protector-strong -fno-omit-frame-pointer $(WARN)
LDFLAGS  += -pie -Wl,-z,relro,-z,now $(filter -fsanitize%,$(CFLAGS_$(MODE))) \
            $(filter --coverage,$(CFLAGS_$(MODE)))
LIBS     := $(shell pkg-config --libs $(PKGS)) -lhttp_parser -lm -ldl -pthread

Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-6s %s\n' $(1) $(2))

SRCS   := $(wildcard src/*/*.c db/*.c proto/*.c ui/*.c ui/panels/*.c)
GEN    := $(patsubst %.proto,$(O)/gen/%.pb-c.c,$(wildcard proto/*.proto))
OBJS   := $(SRCS:%.c=$(O)/%.o) $(GEN:.c=.o)
TESTS  := $(patsubst %.c,$(O)/%,$(wildcard tests/unit/test_*.c))
FUZZ   := $(patsubst %.c,$(O)/%,$(wildcard tests/fuzz/fuzz_*.c))

all: weir
.PHONY: all help check unit lint fmt clean install demo bench campaign deps \
        interop tui fuzz-check fuzz

help:
	@sed -n 's/^## //p' $(MAKEFILE_LIST)

## make              build ./weir
weir: $(O)/weir
	$(Q)cp -f $< $@

$(O)/weir: $(O)/src/main.o $(O)/libweir.a
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LIBS)

$(O)/libweir.a: $(OBJS)
	$(call say,AR,$@)
	$(Q)rm -f $@ && ar rcs $@ $^

.SECONDARY: $(GEN)
$(O)/gen/proto/%.pb-c.c: proto/%.proto
	$(call say,PROTO,$<)
	$(Q)mkdir -p $(O)/gen && protoc-c --c_out=$(O)/gen $<
$(O)/gen/proto/%.pb-c.o: $(O)/gen/proto/%.pb-c.c
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -w -c -o $@ $<

$(O)/%.o: %.c | $(GEN)
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D) && $(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(O)/tests/unit/%: tests/unit/%.c $(O)/libweir.a
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D) && $(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP $(LDFLAGS) \
		-o $@ $< $(O)/libweir.a $(LIBS) $$(pkg-config --libs $(CHECKED))

## make unit         unit tests (MODE=asan|tsan to instrument)
unit: $(TESTS)
	$(Q)contrib/scripts/run-unit $(TESTS)

## make clean        remove everything built
clean:
	rm -rf build weir

-include $(OBJS:.o=.d) $(O)/src/main.d $(TESTS:=.d) $(FUZZ:=.d)
