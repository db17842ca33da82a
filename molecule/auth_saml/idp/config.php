// Read at the end of Debian's config.php.
$config['enable.saml20-idp'] = true;
$config['module.enable']['exampleauth'] = true;
$config['secretsalt'] = 'only for these tests';
$config['auth.adminpassword'] = 'not used';
$config['store.type'] = 'phpsession';
$config['metadata.sources'] = [['type' => 'flatfile'], ['type' => 'xml', 'file' => '/etc/simplesamlphp/hub.xml']];
