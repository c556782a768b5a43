#include "src/model/keyfile.h"

static struct err *check_scrypt(const struct keyfile *k)
{
	unsigned long long n = k->n, r = k->r, p = k->p;

	if (n < 2 || (n & (n - 1)))
		return err_new(ERR_INVALID, "scrypt with n %llu, which is not a power of two "
			"over 1", n);
	if (r < 1 || r > KEYFILE_R_MAX || p < 1 || p > KEYFILE_P_MAX)
		return err_new(ERR_LIMIT, "scrypt with r %llu, p %llu: they are not within 1 "
			"and %d, 1 and %d", r, p, KEYFILE_R_MAX, KEYFILE_P_MAX);
	/* By division: nothing overflows. */
	if (n > KEYFILE_MEMORY_MAX / 128 / r)
		return err_new(ERR_LIMIT, "scrypt with n %llu, r %llu takes more than %llu MiB: "
			"this is no keyfile of a wallet", n, r, KEYFILE_MEMORY_MAX >> 20);
	if (p > KEYFILE_STEPS_MAX / n / r)
		return err_new(ERR_LIMIT, "scrypt with n %llu, r %llu, p %llu takes more than "
			"%llu steps: this is no keyfile of a wallet", n, r, p,
			KEYFILE_STEPS_MAX);
	return NULL;
}

struct err *keyfile_check(const struct keyfile *k)
{
	switch (k->kdf) {
	case KDF_SCRYPT:
		return check_scrypt(k);
	case KDF_PBKDF2:
		if (k->c >= 1 && k->c <= KEYFILE_ROUNDS_MAX)
			return NULL;
		return err_new(ERR_LIMIT, "pbkdf2 with c %llu, which is not within 1 and %llu",
			(unsigned long long)k->c, KEYFILE_ROUNDS_MAX);
	}
	return err_new(ERR_INTERNAL, "unknown key derivation %d", (int)k->kdf);
}
