-- The first release's tables with a row in each, as that release wrote them. Frozen: never changed afterwards.
-- Sealed values are parameters, since they need the keys of the test that runs this.

INSERT INTO organisation (id, name, kind, staff_count)
    VALUES (1, 'Dinas Rekaan', 'opd', 40);

INSERT INTO person (id, name, phone, phone_index, created_at)
    VALUES (1, :giver, :phone, 'index-of-phone', :at), (2, :mother, NULL, NULL, :at);

INSERT INTO foster_parent (person_id, kind, nip, nip_index, organisation_id, standing, registered_at,
    decided_at, decided_by, decision_note)
    VALUES (1, 'asn', :nip, 'index-of-nip', 1, 'verified', :at, :at, NULL, :empty);

INSERT INTO guardian (id, person_id, name, phone, phone_index, relation)
    VALUES (1, 2, :mother, NULL, NULL, 'mother');

INSERT INTO child (id, code, name, nik, nik_index, sex, born_on, area, village, address, status, severity,
    listed_on, left_on, guardian_id, created_at)
    VALUES (1, 'BLT-001', :child, NULL, NULL, 'female', '2024-04-10', 'Sijuk', 'Terong', NULL,
        'stunted', 'severe', '2025-06-01', NULL, 1, :at);

INSERT INTO pledge (id, child_id, foster_parent_id, visitor_id, monthly_idr, first_month, last_month,
    round_name, state, pledged_at, expires_at, decided_at, decided_by, note)
    VALUES (1, 1, 1, NULL, 450000, '2025-10', '2025-12', '2025-IV', 'active', :at, NULL, :at, NULL, '');

INSERT INTO "grant" (id, person_id, area, granted_at, expires_at)
    VALUES (1, 2, NULL, :at, :at);

INSERT INTO invitation (code_index, area, role_expires_at, created_at, expires_at, redeemed_by)
    VALUES ('index-of-code', 'Sijuk', :at, :at, :at, 2);

INSERT INTO roster (nip_index, nip, name, born_on, phone_index, organisation_id)
    VALUES ('index-of-nip', :nip, :giver, '1985-03-15', NULL, 1);

INSERT INTO consent (id, person_id, kind, version, subject, given_at, withdrawn_at)
    VALUES (1, 2, 'data_use', '2025-10', '', :at, NULL);

INSERT INTO contact (id, channel, address_index, address, person_id, language, created_at, unreachable_at)
    VALUES (1, 'telegram', 'index-of-chat', :chat, 1, 'id', :at, NULL);

INSERT INTO audit (id, at, actor_id, act, subject, note)
    VALUES (1, :at, 1, 'pledged', 'pledge:1', '450000');

INSERT INTO inbox (channel, update_id, received_ms, parked_payload, parked_error)
    VALUES ('telegram', '77', 1760324400000, NULL, NULL);

INSERT INTO cursor (channel, position, moved_ms)
    VALUES ('telegram', 78, 1760324400000);

INSERT INTO conversation (contact_id, state, holding, moved_ms)
    VALUES (1, :empty, 'child:1', 1760324400000);

INSERT INTO outbox (id, channel, contact_id, priority, body, queued_ms, not_before_ms, leased_until_ms,
    attempts, outcome, done_ms, provider_id, error)
    VALUES (1, 'telegram', 1, 0, :empty, 1760324400000, 1760324400000, 0, 0, 0, NULL, NULL, NULL)
