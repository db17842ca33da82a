<?php
// Another service of the same provider, whose answers go, by a mistake or on purpose, to the hub.
$metadata['https://other.example.test/'] = [
    'AssertionConsumerService' => 'https://hub.example.test/hub/saml/acs',
];
// One of whose answers the provider signs nothing.
$metadata['https://unsigned.example.test/'] = [
    'AssertionConsumerService' => 'https://hub.example.test/hub/saml/acs',
    'saml20.sign.response' => false,
    'saml20.sign.assertion' => false,
];
