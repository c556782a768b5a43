/* A key of the alpha's, opened where it lies without a trace of it there. */
#include <stdlib.h>
#include <string.h>

#include "proto/keyfile_codec.h"
#include "src/crypto/ec.h"
#include "src/crypto/keystore.h"
#include "src/wizard/migration.h"
#include "src/base/file.h"
#include "src/migrate/tree.h"
#include "src/node/passphrase.h"
#include "src/node/unlock.h"

#define ASK_TIMES 3

static struct err *read_keyfile(const char *path, struct keyfile *out)
{
	struct str text = STR_INIT;
	struct err *e = file_read(path, KEYFILE_MAX, &text);

	if (!e)
		e = err_wrap(keyfile_decode(out, str_cstr(&text), text.len), "keyfile %s", path);
	str_clear(&text);
	return e;
}

static void on_remark(void *ctx, const char *text)
{
	migration_remark(ctx, "warn", "password", "%s", text);
}

/* Of -ethPassword or systemd. */
static struct err *given_password(struct migration *m)
{
	struct remarks r = {on_remark, m};
	const char *whence;

	return m->password ? NULL : unlock_password(m->config, r, &m->password, &whence);
}

static struct err *ask_password(struct migration *m, const struct keyfile *k,
	struct signer **out)
{
	char name[EC_ADDR_TEXT_SIZE];
	struct str prompt = STR_INIT;
	struct err *e = NULL;

	ec_address_text(name, m->account.b);
	str_printf(&prompt, "Passphrase of %s: ", name);
	migration_tell(m);
	for (int i = 0; i < ASK_TIMES && !*out; i++) {
		err_free(e);
		passphrase_free(TAKE(m->password));
		e = m->voice->secret
			? m->voice->secret(m->voice->ctx, prompt.s, &m->password)
			: passphrase_ask(prompt.s, &m->password);
		if (!e)
			e = key_unlock(k, m->password, out);
		if (e && err_kind(e) != ERR_DENIED)
			break;
	}
	str_clear(&prompt);
	return e;
}

struct err *migration_open_key(struct migration *m, const char *path, struct signer **out)
{
	struct keyfile k = {0};
	struct err *e = read_keyfile(path, &k);

	*out = NULL;
	if (!e)
		e = given_password(m);
	if (e)
		return e;
	/* A file without an address must open to the account's. */
	k.has_address = true;
	k.address = m->account;
	e = key_unlock(&k, m->password ? m->password : "", out);
	if (!e || err_kind(e) != ERR_DENIED || m->password)
		return err_wrap(e, "keyfile %s", path);
	err_free(e);
	if (m->o->interactive && (m->voice->secret || passphrase_can_ask()))
		return err_wrap(ask_password(m, &k, out), "keyfile %s", path);
	return err_new(ERR_DENIED, "keyfile %s: it needs a password, and there is no terminal to "
		"ask for it on: put it into a file of mode 0600 and give ethPassword that file's "
		"name", path);
}
