#include "src/eth/revert.h"

#include <assert.h>
#include <string.h>

#include "proto/abi.h"
#include "proto/bytes.h"

#define ERROR_STRING 0x08c379a0 /* Error(string) */
#define PANIC_UINT 0x4e487b71	/* Panic(uint256) */
#define TEXT_MAX 1024

static const struct reason {
	const char *text, *meaning, *remedy;
} reasons[] = {
	[REVERT_OTHER] = { "", "", "" },
#define REVERT(id, words, means, helps) \
	[REVERT_##id] = { words, means, helps },
#include "src/eth/revert.def"
};

static const struct custom_error {
	uint32_t selector;
	const char *signature;
} custom_errors[] = {
#define CUSTOM_ERROR(selector, signature) { selector, signature },
#include "src/eth/revert.def"
};

static const char *panic_text(uint64_t code)
{
	switch (code) {
#define PANIC(number, text)                                                    \
	case number:                                                           \
		return text;
#include "src/eth/revert.def"
	}
	return "the contract broke";
}

static bool add_text(struct str *out, struct abi_in *in)
{
	const uint8_t *p;
	size_t n;

	if (!abi_get_bytes(in, &p, &n, TEXT_MAX))
		return false;
	str_add_safe(out, (const char *)p, n, n);
	return true;
}

static bool add_panic(struct str *out, struct abi_in *in)
{
	uint64_t code = abi_get_u64(in);

	if (in->fault)
		return false;
	str_printf(out, "%s (panic 0x%02llx)", panic_text(code),
		(unsigned long long)code);
	return true;
}

/* One argument of the type that stands at the front of `types`. */
static void add_argument(struct str *out, const char *types,
	struct abi_in *in)
{
	if (str_has_prefix(types, "address")) {
		addr_fmt(out, abi_get_addr(in));
	} else if (str_has_prefix(types, "string")) {
		add_text(out, in);
	} else {
		assert(str_has_prefix(types, "uint"));
		u256_fmt(out, abi_get_uint(in));
	}
}

static bool add_custom(struct str *out, const char *signature,
	struct abi_in *in)
{
	const char *types = strchr(signature, '(') + 1;
	struct str s = STR_INIT;

	str_addn(&s, signature, (size_t)(types - signature));
	while (*types && *types != ')') {
		add_argument(&s, types, in);
		types += strcspn(types, ",)");
		if (*types == ',') {
			str_add(&s, ", ");
			types++;
		}
	}
	str_addc(&s, ')');
	if (!in->fault)
		str_addn(out, s.s, s.len);
	str_clear(&s);
	return !in->fault;
}

bool revert_fmt(struct str *out, const uint8_t *data, size_t n)
{
	struct abi_in in;
	uint32_t selector;

	if (n < ABI_SELECTOR)
		return false;
	selector = get_be32(data);
	abi_in_init(&in, data + ABI_SELECTOR, n - ABI_SELECTOR);
	if (selector == ERROR_STRING)
		return add_text(out, &in);
	if (selector == PANIC_UINT)
		return add_panic(out, &in);
	for (size_t i = 0; i < ARRAY_SIZE(custom_errors); i++) {
		if (custom_errors[i].selector == selector)
			return add_custom(out, custom_errors[i].signature,
				&in);
	}
	return false;
}

enum revert_reason revert_find(const char *text)
{
	for (unsigned i = REVERT_OTHER + 1; i < REVERT_N; i++) {
		if (strstr(text, reasons[i].text))
			return (enum revert_reason)i;
	}
	return REVERT_OTHER;
}

const char *revert_text(enum revert_reason r)
{
	return reasons[r].text;
}

const char *revert_meaning(enum revert_reason r)
{
	return reasons[r].meaning;
}

const char *revert_remedy(enum revert_reason r)
{
	return reasons[r].remedy;
}

bool revert_passes(enum revert_reason r)
{
	return r == REVERT_PAUSED || r == REVERT_ROUND_NOT_INITIALIZED ||
		r == REVERT_PARAMS_LOCKED || r == REVERT_ROUND_LOCKED;
}
