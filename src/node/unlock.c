#include "src/node/unlock.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "src/base/secret.h"
#include "src/crypto/ec.h"
#include "src/crypto/keystore.h"
#include "src/node/keydir.h"
#include "src/node/passphrase.h"

#define ASK_TIMES 3

static void say(void (*note)(void *ctx, const char *text), void *ctx, const char *fmt, ...)
	printf_like(3, 4);
static void say(void (*note)(void *ctx, const char *text), void *ctx, const char *fmt, ...)
{
	struct str s = STR_INIT;
	va_list ap;

	va_start(ap, fmt);
	str_vprintf(&s, fmt, ap);
	va_end(ap);
	note(ctx, s.s);
	str_clear(&s);
}

struct err *unlock_directory(const struct config *c, char **dir, struct eth_addr *named)
{
	const char *path = config_text(c, OPT_ETH_KEYSTORE_PATH);
	char *datadir = config_datadir(c);
	struct str keys = STR_INIT;
	struct keyfile k;
	struct err *e = NULL;
	struct stat st;

	*named = (struct eth_addr){ { 0 } };
	*dir = NULL;
	str_printf(&keys, "%s/keystore", datadir);
	free(datadir);
	if (!*path) {
		*dir = str_take(&keys);
	} else if (stat(path, &st) != 0) {
		e = err_new(ERR_NOT_FOUND, "provided -ethKeystorePath was not found: %s", path);
	} else if (S_ISDIR(st.st_mode)) {
		*dir = xstrdup(path);
	} else {
		/* A file chooses the account; it may lie anywhere. */
		e = keydir_read_file(path, &k);
		if (!e && !k.has_address)
			e = err_new(ERR_INVALID, "error parsing address from keyfile %s", path);
		*named = k.address;
		*dir = strrchr(path, '/') ? xstrndup(path, (size_t)(strrchr(path, '/') - path))
					  : xstrdup(".");
	}
	str_clear(&keys);
	if (e)
		free(TAKE(*dir));
	return e;
}

static struct err *choose(const struct config *c, const struct keydir *keys,
	struct eth_addr named, void (*note)(void *ctx, const char *text), void *ctx,
	const struct keydir_entry **out)
{
	const char *text = config_text(c, OPT_ETH_ACCT_ADDR);
	struct eth_addr wanted = named;
	char name[EC_ADDR_TEXT_SIZE];
	size_t whole = 0;

	if (*text && !addr_parse(&wanted, text))
		return err_new(ERR_INVALID, "-ethAcctAddr: \"%s\" is no address", text);
	if (*text && !addr_is_zero(named) && !addr_eq(named, wanted))
		return err_new(ERR_INVALID, "-ethKeystorePath and -ethAcctAddr were both provided, "
			"but ethAcctAddr does not match the address found in keystore");
	for (size_t i = keys->n; i-- > 0;)
		if (!keys->v[i].broken) {
			*out = &keys->v[i];
			whole++;
		}
	if (!whole)
		return err_new(ERR_NOT_FOUND, "no keyfile in %s: make an account with `weir "
			"account new`, bring one in with `weir account import`, or say where "
			"yours is with -ethKeystorePath", keys->path);
	if (!addr_is_zero(wanted)) {
		*out = keydir_find(keys, wanted);
		ec_address_text(name, wanted.b);
		if (!*out)
			return err_new(ERR_NOT_FOUND, "no keyfile of %s in %s (there are %zu "
				"others: `weir account list`)", name, keys->path, whole);
	} else if (whole > 1) {
		ec_address_text(name, (*out)->key.address.b);
		say(note, ctx, "%zu accounts in %s: taking the first, %s; choose with "
			"-ethAcctAddr", whole, keys->path, name);
	}
	return NULL;
}

struct err *unlock_password(const struct config *c, void (*note)(void *ctx,
	const char *text), void *ctx, char **out)
{
	const char *value = config_text(c, OPT_ETH_PASSWORD);
	bool literal = false;
	struct err *e;

	*out = NULL;
	if (!*value)
		return passphrase_credential("ethPassword", out);
	e = passphrase_option(value, out, &literal);
	if (!e && literal && config_origin(c, OPT_ETH_PASSWORD) == ORIGIN_FLAG)
		note(ctx, "the password in -ethPassword is seen by every user of this machine "
			"(ps): put it in a file of mode 0600 and give the file's name");
	return err_wrap(e, "-ethPassword");
}

static struct err *open_with(const struct keydir_entry *k, const char *password,
	struct signer **out)
{
	char name[EC_ADDR_TEXT_SIZE];

	ec_address_text(name, k->key.address.b);
	return err_wrap(key_unlock(&k->key, password, out), "account %s, keyfile %s", name,
		k->path);
}

/* No password was given: perhaps there is none, else ask. */
static struct err *ask_until_open(const struct keydir_entry *k, struct signer **out)
{
	struct err *e = open_with(k, "", out);
	struct str prompt = STR_INIT;
	char name[EC_ADDR_TEXT_SIZE];

	if (!e || err_kind(e) != ERR_DENIED)
		return e;
	err_free(e);
	if (!passphrase_can_ask())
		return err_new(ERR_DENIED, "keyfile %s needs a password, and there is no terminal "
			"to ask on: give -ethPassword the name of a file with it, or systemd's "
			"LoadCredential=ethPassword:FILE", k->path);
	ec_address_text(name, k->key.address.b);
	str_printf(&prompt, "Passphrase of %s: ", name);
	e = NULL;
	for (int i = 0; i < ASK_TIMES && !*out; i++) {
		char *password = NULL;

		err_free(e);
		e = passphrase_ask(prompt.s, &password);
		if (!e)
			e = open_with(k, password, out);
		passphrase_free(password);
		if (e && err_kind(e) != ERR_DENIED)
			break;
	}
	str_clear(&prompt);
	return e;
}

static struct err *open_entry(const struct config *c, const struct keydir_entry *k,
	void (*note)(void *ctx, const char *text), void *ctx, struct signer **out)
{
	char *password = NULL;
	bool warn;
	struct err *e = keydir_check_mode(k, &warn);

	if (!e && warn)
		say(note, ctx, "keyfile %s can be read by its group (mode %03o): chmod 600 it",
			k->path, (unsigned)k->mode);
	if (!e)
		e = unlock_password(c, note, ctx, &password);
	if (!e)
		e = password ? open_with(k, password, out) : ask_until_open(k, out);
	passphrase_free(password);
	if (!e && !secret_locked())
		note(ctx, "the key's memory cannot be locked and may be swapped out: raise "
			"RLIMIT_MEMLOCK");
	return e;
}

struct err *unlock_signer(const struct config *c, void (*note)(void *ctx, const char *text),
	void *ctx, struct signer **out)
{
	const struct keydir_entry *entry = NULL;
	struct keydir keys = { .n = 0 };
	struct eth_addr named;
	char *dir = NULL;
	struct err *e;

	*out = NULL;
	if (strcmp(config_text(c, OPT_NETWORK), "offchain") == 0)
		return NULL;
	e = unlock_directory(c, &dir, &named);
	if (!e)
		e = keydir_read(dir, &keys);
	if (!e)
		e = choose(c, &keys, named, note, ctx, &entry);
	if (!e)
		e = open_entry(c, entry, note, ctx, out);
	keydir_clear(&keys);
	free(dir);
	return e;
}
