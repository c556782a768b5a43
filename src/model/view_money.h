#ifndef SRC_MODEL_VIEW_MONEY_H
#define SRC_MODEL_VIEW_MONEY_H
/* Amounts and addresses into the text fields of views and back, exact and with
 * their unit. One owner, as the view. */
#include "src/model/amount.h"
#include "src/model/id.h"
#include "src/model/view.h"

void view_set_wei(char **field, struct wei a);
void view_set_credit(char **field, struct credit a);
void view_set_price(char **field, struct price p);
void view_set_addr(char **field, struct eth_addr a);

/* Back from a field; false: nothing is in it, or nothing readable. */
bool view_read_wei(struct wei *out, const char *field) must_check;
bool view_read_price(struct price *out, const char *field) must_check;
#endif
