/* Key files: what is read is written and read again the same, and what a file
 * asks of the machine is bounded before it is done. Only what is cheap is done
 * here. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "proto/keyfile_codec.h"
#include "src/crypto/keystore.h"

#define CHEAP 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void open_it(const struct keyfile *k)
{
	struct signer *s;
	struct err *e;

	assert(k->kdf == KDF_PBKDF2 ||
		128 * k->r * (k->n + k->p + 2) <= KEYFILE_MEMORY_MAX + (16 << 20));
	if ((k->kdf == KDF_SCRYPT ? k->n * k->r * k->p : k->c) > CHEAP)
		return;
	e = key_unlock(k, "pass", &s);
	assert(!e == !!s);
	assert(e || !k->has_address || addr_eq(signer_address(s), k->address));
	signer_free(s);
	err_free(e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct keyfile k, again;
	struct err *e = keyfile_decode(&k, (const char *)data, size);
	struct str text = STR_INIT, second = STR_INIT;

	assert(!k.has_address || !addr_is_zero(k.address));
	if (e) {
		err_free(e);
		return 0;
	}
	keyfile_encode(&k, &text);
	e = keyfile_decode(&again, text.s, text.len);
	assert(!e);
	keyfile_encode(&again, &second);
	assert(strcmp(text.s, second.s) == 0);
	str_clear(&text);
	str_clear(&second);
	open_it(&k);
	return 0;
}
