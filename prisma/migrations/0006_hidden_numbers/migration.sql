-- Calls may be placed in the name of a number that the telephone called does not show.
ALTER TABLE phone_number ADD COLUMN is_hidden boolean NOT NULL DEFAULT false;
