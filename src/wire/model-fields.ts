// The fields of every model on the wire. Sources: the vSphere Automation API specifications up to 9.x.

export type ModelName =
  | 'UpdateSessionModel'
  | 'WarningBehavior'
  | 'AddSpec'
  | 'TransferEndpoint'
  | 'ChecksumInfo'
  | 'UpdateFileInfo'
  | 'DownloadSessionModel'
  | 'DownloadFileInfo'
  | 'LibraryModel'
  | 'StorageBacking'
  | 'LibraryFindSpec'
  | 'ItemModel'
  | 'ItemFindSpec'
  | 'ItemFileInfo'
  | 'StorageInfo'
  | 'TypeInfo'
  | 'ConfigurationModel'
  | 'ValidationResult'
  | 'ValidationError'
  | 'ProbeResult'
  | 'LocalizableMessage'
  | 'PreviewInfo'
  | 'CertificateInfo'
  | 'PreviewWarningInfo'
  | 'PublishInfo'
  | 'SubscriptionInfo'
  | 'SourceInfo'
  | 'OptimizationInfo'
  | 'LibraryStateInfo'
  | 'CertificateVerificationInfo'
  | 'ErrorValue'
  | 'LegacyMessage'
  | 'LoginInfo'
  | 'SystemVersion';
/** A scalar, a model, a list of either; `any` is taken as it comes. */
export type FieldType = 'string' | 'date-time' | 'integer' | 'boolean' | 'any' | ModelName | readonly [FieldType];
export type Fields = Readonly<Record<string, FieldType>>;

export const models: Readonly<Record<ModelName, Fields>> = {
  UpdateSessionModel: {
    id: 'string',
    library_item_id: 'string',
    library_item_content_version: 'string',
    error_message: 'LocalizableMessage',
    client_progress: 'integer',
    state: 'string',
    expiration_time: 'date-time',
    preview_info: 'PreviewInfo',
    warning_behavior: ['WarningBehavior']
  },
  WarningBehavior: { type: 'string', ignored: 'boolean' },
  AddSpec: {
    name: 'string',
    source_type: 'string',
    source_endpoint: 'TransferEndpoint',
    size: 'integer',
    checksum_info: 'ChecksumInfo'
  },
  TransferEndpoint: { uri: 'string', ssl_certificate_thumbprint: 'string', ssl_certificate: 'string' },
  ChecksumInfo: { algorithm: 'string', checksum: 'string' },
  UpdateFileInfo: {
    name: 'string',
    source_type: 'string',
    size: 'integer',
    checksum_info: 'ChecksumInfo',
    source_endpoint: 'TransferEndpoint',
    upload_endpoint: 'TransferEndpoint',
    bytes_transferred: 'integer',
    status: 'string',
    error_message: 'LocalizableMessage',
    keep_in_storage: 'boolean'
  },
  DownloadSessionModel: {
    id: 'string',
    library_item_id: 'string',
    library_item_content_version: 'string',
    error_message: 'LocalizableMessage',
    client_progress: 'integer',
    state: 'string',
    expiration_time: 'date-time'
  },
  DownloadFileInfo: {
    name: 'string',
    size: 'integer',
    bytes_transferred: 'integer',
    status: 'string',
    download_endpoint: 'TransferEndpoint',
    checksum_info: 'ChecksumInfo',
    error_message: 'LocalizableMessage'
  },
  LibraryModel: {
    id: 'string',
    name: 'string',
    description: 'string',
    type: 'string',
    storage_backings: ['StorageBacking'],
    creation_time: 'date-time',
    last_modified_time: 'date-time',
    last_sync_time: 'date-time',
    version: 'string',
    server_guid: 'string',
    publish_info: 'PublishInfo',
    subscription_info: 'SubscriptionInfo',
    optimization_info: 'OptimizationInfo',
    security_policy_id: 'string',
    unset_security_policy_id: 'boolean',
    state_info: 'LibraryStateInfo',
    configuration_info: 'any'
  },
  StorageBacking: { type: 'string', datastore_id: 'string', storage_uri: 'string' },
  LibraryFindSpec: { name: 'string', type: 'string' },
  ItemModel: {
    id: 'string',
    library_id: 'string',
    name: 'string',
    description: 'string',
    type: 'string',
    content_version: 'string',
    metadata_version: 'string',
    version: 'string',
    creation_time: 'date-time',
    last_modified_time: 'date-time',
    last_sync_time: 'date-time',
    cached: 'boolean',
    size: 'integer',
    source_id: 'string',
    security_compliance: 'boolean',
    certificate_verification_info: 'CertificateVerificationInfo'
  },
  ItemFindSpec: { name: 'string', library_id: 'string', source_id: 'string', type: 'string', cached: 'boolean' },
  ItemFileInfo: {
    name: 'string',
    size: 'integer',
    cached: 'boolean',
    version: 'string',
    checksum_info: 'ChecksumInfo',
    file_download_endpoint: 'any'
  },
  StorageInfo: {
    name: 'string',
    size: 'integer',
    cached: 'boolean',
    version: 'string',
    checksum_info: 'ChecksumInfo',
    file_download_endpoint: 'any',
    storage_backing: 'StorageBacking',
    storage_uris: ['string']
  },
  TypeInfo: {
    type: 'string',
    name: 'string',
    description: 'string',
    vendor: 'string',
    version: 'string',
    supported_rules: ['string']
  },
  ConfigurationModel: {
    automatic_sync_enabled: 'boolean',
    automatic_sync_start_hour: 'integer',
    automatic_sync_stop_hour: 'integer',
    maximum_concurrent_item_syncs: 'integer'
  },
  ValidationResult: { has_errors: 'boolean', missing_files: ['string'], invalid_files: ['ValidationError'] },
  ValidationError: { name: 'string', error_message: 'LocalizableMessage' },
  ProbeResult: {
    status: 'string',
    ssl_thumbprint: 'string',
    ssl_certificate: 'string',
    error_messages: ['LocalizableMessage']
  },
  // `params` came with 7.0: a map, which /api writes as an object, and /rest as a list of key and value.
  LocalizableMessage: { id: 'string', default_message: 'string', args: ['string'], params: 'any', localized: 'string' },
  PreviewInfo: {
    state: 'string',
    certificate_info: 'CertificateInfo',
    warnings: ['PreviewWarningInfo'],
    cert_chain: ['string']
  },
  CertificateInfo: { issuer: 'string', subject: 'string', self_signed: 'boolean', x509: 'string' },
  PreviewWarningInfo: { type: 'string', message: 'LocalizableMessage', ignored: 'boolean' },
  PublishInfo: {
    published: 'boolean',
    authentication_method: 'string',
    publish_url: 'string',
    user_name: 'string',
    password: 'string',
    current_password: 'string',
    persist_json_enabled: 'boolean'
  },
  SubscriptionInfo: {
    subscription_url: 'string',
    authentication_method: 'string',
    user_name: 'string',
    password: 'string',
    ssl_thumbprint: 'string',
    automatic_sync_enabled: 'boolean',
    on_demand: 'boolean',
    source_info: 'SourceInfo'
  },
  SourceInfo: { source_library: 'string', subscription: 'string' },
  OptimizationInfo: { optimize_remote_publishing: 'boolean' },
  LibraryStateInfo: { state: 'string' },
  CertificateVerificationInfo: { status: 'string', cert_chain: ['string'] },
  ErrorValue: { error_type: 'string', messages: ['LocalizableMessage'], data: 'any' },
  // As the REST layer of 6.0 writes its messages.
  LegacyMessage: { id: 'string', defaultMessage: 'string', args: ['string'] },
  LoginInfo: { user: 'string', created_time: 'date-time', last_accessed_time: 'date-time' },
  SystemVersion: {
    version: 'string',
    product: 'string',
    build: 'string',
    type: 'string',
    summary: 'string',
    releasedate: 'string',
    install_time: 'date-time'
  }
};
