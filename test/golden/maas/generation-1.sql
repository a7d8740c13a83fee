-- The tables of MAAS 1.5 to 1.9 that say how an HA region does, with the types that they have there, and
-- those columns besides which a monitor must not see (keys, tokens). To be run as the role that owns them.

-- Made by the region itself when it starts; unlogged, so it is empty after a crash or a failover.
CREATE UNLOGGED TABLE IF NOT EXISTS eventloops (
  name text NOT NULL, address inet NOT NULL, port integer NOT NULL,
  updated timestamptz NOT NULL DEFAULT now(), UNIQUE (address, port));

CREATE TABLE maasserver_nodegroup (
  id serial PRIMARY KEY, created timestamptz NOT NULL, updated timestamptz NOT NULL,
  name varchar(80) NOT NULL, api_token_id integer NOT NULL, api_key varchar(18) NOT NULL,
  dhcp_key varchar(255) NOT NULL, uuid varchar(36) NOT NULL UNIQUE, status integer NOT NULL,
  cluster_name varchar(100) NOT NULL, maas_url varchar(255) NOT NULL,
  default_disable_ipv4 boolean NOT NULL);

CREATE TABLE maasserver_nodegroupinterface (
  id serial PRIMARY KEY, created timestamptz NOT NULL, updated timestamptz NOT NULL,
  ip inet NOT NULL, nodegroup_id integer NOT NULL REFERENCES maasserver_nodegroup,
  management integer NOT NULL, interface varchar(255) NOT NULL, subnet_mask inet, broadcast_ip inet,
  router_ip inet, ip_range_low inet, ip_range_high inet, foreign_dhcp_ip inet,
  static_ip_range_low inet, static_ip_range_high inet, name varchar(255) NOT NULL);

CREATE TABLE maasserver_componenterror (
  id serial PRIMARY KEY, component varchar(40) NOT NULL UNIQUE, error varchar(1000) NOT NULL,
  created timestamptz NOT NULL, updated timestamptz NOT NULL);

CREATE SEQUENCE maasserver_zone_serial_seq MINVALUE 1 MAXVALUE 4294967295 CYCLE;

-- What nobody but MAAS may read.
CREATE TABLE maasserver_config (id serial PRIMARY KEY, name varchar(255) NOT NULL, value text);
