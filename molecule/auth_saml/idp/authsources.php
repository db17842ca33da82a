<?php
// Who there is: name and password, and what is said of them.
$config = [
    'people' => [
        'exampleauth:UserPass',
        'a.lovelace:engine' => ['uid' => ['a.lovelace'], 'memberOf' => ['lab', 'wheel']],
        'c.babbage:engine' => ['uid' => ['c.babbage'], 'memberOf' => ['staff']],
        'grace:engine' => ['uid' => ['grace'], 'memberOf' => ['lab']],
        'stranger:engine' => ['uid' => ['stranger'], 'memberOf' => ['staff']],
        // The name of an account of the hub that is somebody else's.
        'charles:engine' => ['uid' => ['charles'], 'memberOf' => ['staff']],
    ],
];
