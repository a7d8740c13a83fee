-- The tables of MAAS 2.0 and later that say how an HA region does, with the types of 3.x (ids were integers
-- before), and those columns besides which a monitor must not see. To be run as the role that owns them.

CREATE TABLE maasserver_node (
  id bigserial PRIMARY KEY, created timestamptz NOT NULL DEFAULT now(),
  updated timestamptz NOT NULL DEFAULT now(), system_id varchar(41) NOT NULL UNIQUE,
  hostname varchar(255) NOT NULL UNIQUE, node_type integer NOT NULL, url varchar(255) NOT NULL DEFAULT '',
  last_image_sync timestamptz, managing_process_id bigint, dns_process_id bigint,
  instance_power_parameters jsonb NOT NULL DEFAULT '{"power_pass": "secret"}');

CREATE TABLE maasserver_regioncontrollerprocess (
  id bigserial PRIMARY KEY, created timestamptz NOT NULL DEFAULT now(),
  updated timestamptz NOT NULL DEFAULT now(), pid integer NOT NULL,
  region_id bigint NOT NULL REFERENCES maasserver_node ON DELETE CASCADE, UNIQUE (region_id, pid));

CREATE TABLE maasserver_regioncontrollerprocessendpoint (
  id bigserial PRIMARY KEY, created timestamptz NOT NULL DEFAULT now(),
  updated timestamptz NOT NULL DEFAULT now(), address inet NOT NULL, port integer NOT NULL,
  process_id bigint NOT NULL REFERENCES maasserver_regioncontrollerprocess ON DELETE CASCADE,
  UNIQUE (process_id, address, port));

CREATE TABLE maasserver_regionrackrpcconnection (
  id bigserial PRIMARY KEY, created timestamptz NOT NULL DEFAULT now(),
  updated timestamptz NOT NULL DEFAULT now(),
  endpoint_id bigint NOT NULL REFERENCES maasserver_regioncontrollerprocessendpoint ON DELETE CASCADE,
  rack_controller_id bigint NOT NULL REFERENCES maasserver_node ON DELETE CASCADE,
  UNIQUE (endpoint_id, rack_controller_id));

CREATE TABLE maasserver_service (
  id bigserial PRIMARY KEY, created timestamptz NOT NULL DEFAULT now(),
  updated timestamptz NOT NULL DEFAULT now(), name varchar(255) NOT NULL, status varchar(10) NOT NULL,
  status_info varchar(255) NOT NULL DEFAULT '',
  node_id bigint NOT NULL REFERENCES maasserver_node ON DELETE CASCADE, UNIQUE (node_id, name));

CREATE TABLE maasserver_controllerinfo (
  created timestamptz NOT NULL DEFAULT now(), updated timestamptz NOT NULL DEFAULT now(),
  node_id bigint PRIMARY KEY REFERENCES maasserver_node ON DELETE CASCADE, version varchar(255),
  install_type varchar(255) NOT NULL DEFAULT 'deb', vault_configured boolean NOT NULL DEFAULT false);

CREATE TABLE maasserver_dnspublication (
  id bigserial PRIMARY KEY, serial bigint NOT NULL, created timestamptz NOT NULL DEFAULT now(),
  source varchar(255) NOT NULL DEFAULT '', update varchar(255) NOT NULL DEFAULT '');

CREATE TABLE maasserver_domain (
  id bigserial PRIMARY KEY, name varchar(256) NOT NULL UNIQUE, authoritative boolean, ttl integer);

CREATE TABLE maasserver_vlan (
  id bigserial PRIMARY KEY, vid integer NOT NULL, fabric_id bigint NOT NULL DEFAULT 1,
  dhcp_on boolean NOT NULL, primary_rack_id bigint REFERENCES maasserver_node,
  secondary_rack_id bigint REFERENCES maasserver_node, relay_vlan_id bigint, external_dhcp inet);

CREATE TABLE maasserver_subnet (
  id bigserial PRIMARY KEY, cidr cidr NOT NULL, rdns_mode integer NOT NULL DEFAULT 2,
  allow_dns boolean NOT NULL DEFAULT true, allow_proxy boolean NOT NULL DEFAULT true,
  vlan_id bigint REFERENCES maasserver_vlan);

CREATE TABLE maasserver_notification (
  id bigserial PRIMARY KEY, created timestamptz NOT NULL DEFAULT now(),
  updated timestamptz NOT NULL DEFAULT now(), ident varchar(40), users boolean NOT NULL DEFAULT false,
  admins boolean NOT NULL DEFAULT true, message text NOT NULL, context jsonb NOT NULL DEFAULT '{}',
  category varchar(10) NOT NULL, dismissable boolean NOT NULL DEFAULT true);

CREATE SEQUENCE maasserver_zone_serial_seq MINVALUE 1 MAXVALUE 4294967295 CYCLE
  OWNED BY maasserver_dnspublication.serial;

-- What nobody but MAAS may read.
CREATE TABLE maasserver_config (id bigserial PRIMARY KEY, name varchar(255) NOT NULL, value jsonb);
